package dev.lim.scoring;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.Arrays;

/**
 * The rows that have a score, by descending score; equal scores by ascending rank of the sample's
 * id, so that the order does not depend on who posted first. Positions count from 0.
 *
 * <p>Immutable and thread-safe, as long as nobody writes to the arrays it was given or gives.
 */
public final class Ranking {

  private final int[] order;
  private final int[] positions;

  private Ranking(int[] order, int rows) {
    this.order = order;
    this.positions = new int[rows];
    Arrays.fill(positions, -1);
    for (int position = 0; position < order.length; position++) {
      positions[order[position]] = position;
    }
  }

  /**
   * Ranks rows.
   *
   * @param scores score of each row; NaN: not ranked
   * @param rows how many of them count
   * @param idRank for each row, its place in the byte order of sample ids; all different
   */
  public static Ranking of(double[] scores, int rows, int[] idRank) {
    int[] order = new int[rows];
    int size = 0;
    for (int row = 0; row < rows; row++) {
      if (!Double.isNaN(scores[row])) {
        order[size++] = row;
      }
    }
    order = Arrays.copyOf(order, size);
    IntArrays.quickSort(
        order,
        (a, b) ->
            scores[a] == scores[b]
                ? Integer.compare(idRank[a], idRank[b])
                : Double.compare(scores[b], scores[a]));
    return new Ranking(order, rows);
  }

  /** How many rows have a score. */
  public int size() {
    return order.length;
  }

  /** The row at a position, from 0. */
  public int row(int position) {
    return order[position];
  }

  /** The position of a row, from 0; -1 where it has no score. */
  public int position(int row) {
    return positions[row];
  }

  /** All ranked rows, the best first. Not a copy: not to be modified. */
  public int[] rows() {
    return order;
  }

  /** The best n rows, or all where there are fewer, the best first. */
  public int[] top(int n) {
    return Arrays.copyOf(order, Math.min(n, order.length));
  }
}
