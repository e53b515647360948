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

  private Blocks() {}

  static int count(int rows) {
    return Math.ceilDiv(rows, ROWS);
  }

  /** Works on all blocks, the second half on another thread where {@code columns} make it worth. */
  static void forEach(Matrix matrix, Kernel kernel, int columns, Work work) {
    int blocks = count(matrix.rows());
    if (blocks < 2
        || (long) matrix.rows() * columns < WORTH_TWO_THREADS
        || Runtime.getRuntime().availableProcessors() < 2) {
      run(matrix, kernel, 0, blocks, work);
      return;
    }
    int half = blocks / 2;
    ForkJoinTask<?> other =
        ForkJoinPool.commonPool().submit(() -> run(matrix, kernel, half, blocks, work));
    run(matrix, kernel, 0, half, work);
    other.join();
  }

  private static void run(Matrix matrix, Kernel kernel, int from, int to, Work work) {
    Tile tile = new Tile(matrix, kernel);
    for (int block = from; block < to; block++) {
      int begin = block * ROWS;
      work.accept(tile, block, begin, Math.min(begin + ROWS, matrix.rows()));
    }
  }
}
