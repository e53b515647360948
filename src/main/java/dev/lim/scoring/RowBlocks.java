package dev.lim.scoring;

import java.util.stream.IntStream;

/**
 * Shares a loop over rows between threads, in blocks. What a row gets must depend on neither who
 * works on it nor when, so that the bits are the same on any number of threads.
 */
public final class RowBlocks {

  /** Divides {@link Blocks#ROWS}; some arrays of doubles of this length fit a core's own cache. */
  public static final int ROWS = 1 << 10;

  private static final int WORTH_THREADS = 1 << 15;

  /** Work on the rows of one block. */
  public interface Work {

    /**
     * @param begin the first row
     * @param end the row after the last, at most {@value RowBlocks#ROWS} further
     */
    void accept(int begin, int end);
  }

  private RowBlocks() {}

  /** Works on all blocks, several at once where there are many. */
  public static void forEach(int rows, Work work) {
    IntStream blocks = IntStream.range(0, Math.ceilDiv(rows, ROWS));
    (rows < WORTH_THREADS ? blocks : blocks.parallel())
        .forEach(block -> {
          int begin = block * ROWS;
          work.accept(begin, Math.min(begin + ROWS, rows));
        });
  }
}
