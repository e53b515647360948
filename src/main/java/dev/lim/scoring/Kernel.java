package dev.lim.scoring;

/**
 * The loops over samples, on one {@link Tile}: some columns by one block of rows. Two
 * implementations give the same bits: sums over rows go into {@value #LANES} lanes, row modulo
 * lanes, which are then added by halves; products and sums are rounded one by one, never fused.
 *
 * <p>A cell is a column's value, or its fallback where that is NaN. Stateless and thread-safe.
 */
interface Kernel {

  int LANES = 16;

  String name();

  /**
   * Sums rows {@code from..to} of a column up, in any order, and says which are present.
   *
   * @param from a multiple of 64, as is {@code to} unless it is the end
   * @param present bit {@code row % 64} of word {@code row / 64} is set where the row has a value;
   *     words of these rows only are written
   */
  Total summarize(float[] values, int from, int to, long[] present);

  /**
   * Sums each column over the rows that the tile's mask marks.
   *
   * @param sums the sum of the tile's column j goes to {@code sums[tile.from() + j]}
   */
  void sum(Tile tile, double[] sums);

  /**
   * Adds (cell - average)^2 to each numerator, column by column: {@code to[toAt + row]} becomes
   * {@code from[fromAt + row]} plus the tile's columns. An empty cell makes it NaN.
   *
   * @param averages by column, from 0
   * @param to may be {@code from}
   */
  void square(Tile tile, double[] averages, double[] from, int fromAt, double[] to, int toAt);

  /**
   * Adds to {@code numerators[at + row]} as {@link #square} does, but nothing for an empty cell,
   * and for one that is not its column's weight to {@code denominators[at + row]}.
   */
  void squareObserved(
      Tile tile,
      double[] averages,
      double[] weights,
      double[] numerators,
      double[] denominators,
      int at);

  /** Turns {@code length} numerators into scores, 1 - numerator / denominator, in place. */
  void score(double[] numerators, int at, int length, double denominator);

  /** Sets {@code cells[row]} to the column's value, or where that is NaN to {@code before[row]}. */
  void carry(float[] column, int at, float[] before, float[] cells, int length);

  /** Adds the lanes by halves, into the first. Destroys the array. */
  static double combine(double[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[lane] += lanes[lane + half];
      }
    }
    return lanes[0];
  }
}
