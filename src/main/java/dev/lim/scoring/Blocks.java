package dev.lim.scoring;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/**
 * Rows are worked on in blocks of {@value #ROWS}: long enough to stream columns from memory, short
 * enough for a block's sums to stay in cache. Blocks are independent of each other, so that two
 * threads may share them; what they sum is added in the order of blocks.
 */
final class Blocks {

  static final int ROWS = 4_096;

  private static final long WORTH_TWO_THREADS = 1 << 20;

  /** Work on one block, rows {@code begin..end}, with a tile that no other thread has. */
  interface Work {
    void accept(Tile tile, int block, int begin, int end);
  }

  /** Work on parts {@code from..to}. */
  interface Range {
    void accept(int from, int to);
  }

  private Blocks() {}

  static int count(int rows) {
    return Math.ceilDiv(rows, ROWS);
  }

  /** Works on all blocks; {@code columns} says how much there is to do in each. */
  static void forEach(Matrix matrix, Kernel kernel, int columns, Work work) {
    halves(
        count(matrix.rows()),
        (long) matrix.rows() * columns,
        (from, to) -> {
          Tile tile = new Tile(matrix, kernel);
          for (int block = from; block < to; block++) {
            int begin = block * ROWS;
            work.accept(tile, block, begin, Math.min(begin + ROWS, matrix.rows()));
          }
        });
  }

  /** Works on {@code count} parts, half of them on another thread where the cells make it worth. */
  static void halves(int count, long cells, Range work) {
    if (count < 2 || cells < WORTH_TWO_THREADS || Runtime.getRuntime().availableProcessors() < 2) {
      work.accept(0, count);
      return;
    }
    int half = count / 2;
    ForkJoinTask<?> other = ForkJoinPool.commonPool().submit(() -> work.accept(half, count));
    work.accept(0, half);
    other.join();
  }
}
