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

  /** Adds {@code step} to {@code absences[at + row]} for each empty cell of the row. */
  void count(Tile tile, int[] absences, int at, int step);

  /**
   * Sums each column over the rows that count: those with a value and at most {@code allowed}
   * absences.
   *
   * @param sums the sum of the tile's column j goes to {@code sums[tile.from() + j]}
   */
  void sum(Tile tile, int[] absences, int allowed, double[] sums);

  /** As {@link #sum}, but counts the rows. */
  void population(Tile tile, int[] absences, int allowed, int[] counts);

  /**
   * Adds (cell - average)^2 to each {@code numerators[at + row]}, column by column. An empty cell
   * makes it NaN.
   *
   * @param averages by column, from 0
   */
  void square(Tile tile, double[] averages, double[] numerators, int at);

  /**
   * As {@link #square}, but an empty cell adds nothing, and one that is not adds its column's
   * weight to {@code denominators[at + row]}.
   */
  void squareObserved(
      Tile tile,
      double[] averages,
      double[] weights,
      double[] numerators,
      double[] denominators,
      int at);

  /** Sets {@code scores[at + i]} to 1 - numerators[i] / denominator. */
  void score(double[] numerators, double denominator, double[] scores, int at);

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
