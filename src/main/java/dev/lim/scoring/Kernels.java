package dev.lim.scoring;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Chooses the kernel, once: the first score is computed by the one that was {@linkplain #select
 * selected} before, or else by the fastest there is. All give the same bits, which is why the plain
 * one may stand in for {@link VectorKernel} until the compiler has reached that: see {@link
 * #warmUp}.
 *
 * <p>{@link VectorKernel} is reached by its name only: linking it without the incubator module
 * would fail.
 */
public final class Kernels {

  private static final String FLAG = "--add-modules jdk.incubator.vector";
  private static final Logger LOG = System.getLogger(Kernels.class.getName());

  private static volatile KernelChoice choice = KernelChoice.AUTO;

  private Kernels() {}

  /**
   * Says which kernel is to run, before the first score.
   *
   * @return the name of the kernel that runs
   * @throws IllegalStateException if {@link KernelChoice#VECTOR} was asked for and the module is
   *     not there, or if another kernel runs already
   */
  public static String select(KernelChoice wanted) {
    if (wanted == KernelChoice.VECTOR) {
      requireModule();
    }
    choice = wanted;
    String runs = current().name();
    if (wanted != KernelChoice.AUTO && !runs.equals(name(wanted))) {
      throw new IllegalStateException("The " + runs + " kernel runs already");
    }
    return runs;
  }

  /**
   * From now on the plain kernel computes, until the returned work is done, in whichever thread:
   * that brings the vector kernel to speed, within some seconds, and hands over to it. Nothing
   * changes where that has been done before, or where the plain kernel is the one that runs.
   *
   * @param allocated how many bytes the calling thread has allocated until now
   */
  public static Runnable warmUp(LongSupplier allocated) {
    return current() instanceof WarmingKernel warming ? warming.cold(allocated) : () -> {};
  }

  /**
   * Waits for a warm-up that has begun, if any.
   *
   * @return the name of the kernel that computes from then on
   */
  public static String awaitWarm() throws InterruptedException {
    return current() instanceof WarmingKernel warming ? warming.awaitWarm() : current().name();
  }

  static Kernel current() {
    return Holder.KERNEL;
  }

  static Kernel create(KernelChoice wanted) {
    if (wanted == KernelChoice.PLAIN) {
      return new PlainKernel();
    }
    if (wanted == KernelChoice.VECTOR) {
      requireModule();
    }
    if (vectorModule()) {
      return vector();
    }
    LOG.log(Level.WARNING, "Scoring runs on plain Java, which is slower: start Java with " + FLAG);
    return new PlainKernel();
  }

  private static String name(KernelChoice choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static void requireModule() {
    if (!vectorModule()) {
      throw new IllegalStateException("The vector kernel needs the JVM option " + FLAG);
    }
  }

  private static boolean vectorModule() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static Kernel vector() {
    try {
      return (Kernel)
          Class.forName("dev.lim.scoring.VectorKernel").getDeclaredConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("The vector kernel cannot run here", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("VectorKernel is missing", e);
    }
  }

  private static final class Holder {
    static final Kernel KERNEL = warming(create(choice));

    private static Kernel warming(Kernel kernel) {
      return kernel instanceof PlainKernel ? kernel : new WarmingKernel(kernel);
    }
  }
}
