package dev.lim.scoring;

import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;

/**
 * A kernel for which the plain one stands in while it is cold. Until the compiler has reached it,
 * each operation of the Vector API is a call that makes an object, a hundred times slower than the
 * plain loop; the plain kernel gives the same bits, so one may take over from the other between two
 * tiles of one computation.
 *
 * <p>Goes by the name of the kernel that it warms. Thread-safe.
 */
final class WarmingKernel implements Kernel {

  private final Kernel kernel;
  private final Kernel plain = new PlainKernel();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Kernel computes;

  /** Computes by this kernel, cold or not, unless {@link #cold} is called. */
  WarmingKernel(Kernel kernel) {
    this.kernel = kernel;
    this.computes = kernel;
  }

  /**
   * From now on the plain kernel computes, until what is returned has run; see {@link
   * Kernels#warmUp}.
   */
  synchronized Runnable cold(LongSupplier allocated) {
    if (ended.getCount() > 0) {
      computes = plain;
    }
    return () -> {
      try {
        KernelWarmUp.of(kernel, allocated);
      } finally {
        handOver();
      }
    };
  }

  private synchronized void handOver() {
    computes = kernel;
    ended.countDown();
  }

  /** The name of the kernel that computes now. */
  String computing() {
    return computes.name();
  }

  /** Waits for the warm-up to end, if there is one; the name of the kernel that computes then. */
  String awaitWarm() throws InterruptedException {
    if (computes != kernel) {
      ended.await();
    }
    return computing();
  }

  @Override
  public String name() {
    return kernel.name();
  }

  @Override
  public Total summarize(float[] values, int from, int to, long[] present) {
    return computes.summarize(values, from, to, present);
  }

  @Override
  public void sum(Tile tile, double[] sums) {
    computes.sum(tile, sums);
  }

  @Override
  public void square(
      Tile tile, double[] averages, double[] from, int fromAt, double[] to, int toAt) {
    computes.square(tile, averages, from, fromAt, to, toAt);
  }

  @Override
  public void squareObserved(
      Tile tile,
      double[] averages,
      double[] weights,
      double[] numerators,
      double[] denominators,
      int at) {
    computes.squareObserved(tile, averages, weights, numerators, denominators, at);
  }

  @Override
  public void score(double[] numerators, int at, int length, double denominator) {
    computes.score(numerators, at, length, denominator);
  }

  @Override
  public void carry(float[] column, int at, float[] before, float[] cells, int length) {
    computes.carry(column, at, before, cells, length);
  }
}
