package dev.lim.scoring;

import dev.lim.scoring.Alignment.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Scores and ranks made-up columns by a kernel, over and over, until the compiler has reached its
 * loops. That is seen by what the thread allocates: compiled, vectors stay in registers, and a
 * kernel allocates what the plain one does.
 */
final class KernelWarmUp {

  private static final System.Logger LOG = System.getLogger(KernelWarmUp.class.getName());

  /** Far more than a computation needs, for machines on which the compiler has other work. */
  private static final long LONGEST = Duration.ofSeconds(20).toNanos();

  /** Of the columns' cells, which lie in a few blocks, the last one not whole. */
  private static final int ROWS = 2 * Blocks.ROWS + 13;

  /** So many that there are some left when four are taken at a time. */
  private static final int EPOCHS = 7;

  private static final int STREAK = 3;

  private final Kernel kernel;
  private final List<float[]> epochs = new ArrayList<>();
  private final int[] idRank = IntStream.range(0, ROWS).toArray();
  private final LongSupplier allocated;

  private KernelWarmUp(Kernel kernel, LongSupplier allocated) {
    this.kernel = kernel;
    this.allocated = allocated;
    SplittableRandom random = new SplittableRandom(1);
    for (int k = 0; k <= EPOCHS; k++) {
      epochs.add(epoch(random));
    }
  }

  /** The first block is full, as most are; in the second some are absent. */
  private static float[] epoch(SplittableRandom random) {
    float[] epoch = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      boolean absent = row >= Blocks.ROWS && random.nextInt(16) == 0;
      epoch[row] = absent ? Float.NaN : random.nextInt(9) / 8f;
    }
    return epoch;
  }

  /**
   * Returns when the kernel is warm, or after some seconds in which it did not become so.
   *
   * @param allocated how many bytes the calling thread has allocated until now
   */
  static void of(Kernel kernel, LongSupplier allocated) {
    long begun = System.nanoTime();
    KernelWarmUp plain = new KernelWarmUp(new PlainKernel(), allocated);
    KernelWarmUp warmUp = new KernelWarmUp(kernel, allocated);
    long least = plain.allocated();
    int rounds = 0;
    for (int warm = 0; warm < STREAK && System.nanoTime() - begun < LONGEST; rounds++) {
      warm = warmUp.allocated() <= least + least / 8 ? warm + 1 : 0;
    }
    LOG.log(
        System.Logger.Level.DEBUG,
        "The {0} kernel was warmed up by {1} rounds in {2} ms",
        kernel.name(),
        rounds,
        (System.nanoTime() - begun) / 1_000_000);
  }

  /** Bytes that all of the scoring allocates once. */
  private long allocated() {
    long before = allocated.getAsLong();
    for (MissingRule missing : MissingRule.values()) {
      Rule rule = new Rule(1, missing, 2);
      List<Column> columns = epochs.stream().map(Column::of).toList();
      List<Column> grown = columns.subList(0, EPOCHS);
      Alignment alignment =
          Alignment.of(columns.subList(0, EPOCHS - 1), ROWS, rule, kernel)
              .advance(grown, ROWS, rule)
              .advance(changed(columns), ROWS, rule);
      Ranking.of(alignment.scores(), ROWS, idRank).rows();
    }
    return allocated.getAsLong() - before;
  }

  /** The last epoch replaced by one more. */
  private static List<Column> changed(List<Column> columns) {
    List<Column> changed = new ArrayList<>(columns);
    changed.remove(EPOCHS - 1);
    return changed;
  }
}
