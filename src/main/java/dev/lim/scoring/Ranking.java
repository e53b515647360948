package dev.lim.scoring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows that have a score, by descending score; equal scores by ascending rank of the sample's
 * id, so that the order does not depend on who posted first. Positions count from 0.
 *
 * <p>The whole order is sorted when it is first asked for, and {@link #top} does without it: 4
 * bytes a ranked row, and 4 a row for {@link #position}. Immutable and thread-safe, as long as
 * nobody writes to the arrays it was given or gives.
 */
public final class Ranking {

  private final double[] scores;
  private final int rows;
  private final int[] idRank;
  private final int size;
  private volatile int @Nullable [] order;
  private volatile int @Nullable [] positions;

  private Ranking(double[] scores, int rows, int[] idRank) {
    this.scores = scores;
    this.rows = rows;
    this.idRank = idRank;
    this.size = numbers(scores, rows);
  }

  /**
   * Ranks rows.
   *
   * @param scores score of each row; NaN: not ranked
   * @param rows how many of them count
   * @param idRank for each row, its place in the byte order of sample ids: not negative, all
   *     different
   */
  public static Ranking of(double[] scores, int rows, int[] idRank) {
    return new Ranking(scores, rows, idRank);
  }

  private static int numbers(double[] scores, int rows) {
    int numbers = 0;
    for (int row = 0; row < rows; row++) {
      numbers += Double.isNaN(scores[row]) ? 0 : 1;
    }
    return numbers;
  }

  /** How many rows have a score. */
  public int size() {
    return size;
  }

  /** How many rows there are, with a score or without. */
  int rowCount() {
    return rows;
  }

  /** Whether a row has a score. */
  public boolean ranks(int row) {
    return row < rows && !Double.isNaN(scores[row]);
  }

  /** The score of a row, NaN where it has none. */
  double score(int row) {
    return scores[row];
  }

  /** The row at a position, from 0. */
  public int row(int position) {
    return rows()[position];
  }

  /** The position of a row, from 0; -1 where it has no score. */
  public int position(int row) {
    int[] known = positions;
    return (known == null ? locate() : known)[row];
  }

  /** All ranked rows, the best first. Not a copy: not to be modified. */
  public int[] rows() {
    int[] known = order;
    return known == null ? sort() : known;
  }

  /** The best n rows, or all where there are fewer, the best first; a copy. */
  public int[] top(int n) {
    int[] known = order;
    if (known == null && n < size / 2) {
      return Order.sort(scores, idRank, RadixSelection.top(scores, rows, idRank, n));
    }
    return Arrays.copyOf(rows(), Math.min(n, size));
  }

  private synchronized int[] sort() {
    int[] known = order;
    if (known == null) {
      known = Order.sort(scores, idRank, ranked());
      order = known;
    }
    return known;
  }

  private int[] ranked() {
    int[] ranked = new int[size];
    for (int row = 0, i = 0; i < size; row++) {
      ranked[i] = row;
      i += Double.isNaN(scores[row]) ? 0 : 1;
    }
    return ranked;
  }

  private synchronized int[] locate() {
    int[] known = positions;
    if (known == null) {
      known = new int[rows];
      Arrays.fill(known, -1);
      int[] sorted = rows();
      for (int position = 0; position < size; position++) {
        known[sorted[position]] = position;
      }
      positions = known;
    }
    return known;
  }
}
