package dev.lim.scoring;

import java.util.Arrays;

/**
 * The sums over columns of one block's rows: numerators, and under {@link MissingRule#OBSERVED}
 * each row's own denominator.
 */
final class Sums {

  private static final double[] NO_DENOMINATORS = {};

  private final double[] numerators;
  private final double[] denominators;

  private Sums(double[] numerators, double[] denominators) {
    this.numerators = numerators;
    this.denominators = denominators;
  }

  static Sums none(boolean observed) {
    return new Sums(new double[0], observed ? new double[0] : NO_DENOMINATORS);
  }

  int length() {
    return numerators.length;
  }

  /** A copy with more rows, all zero. */
  Sums grown(int length) {
    return new Sums(
        Arrays.copyOf(numerators, length),
        observed() ? Arrays.copyOf(denominators, length) : NO_DENOMINATORS);
  }

  /** Adds the tile's columns to the rows from {@code at} on. */
  void add(Tile tile, Kernel kernel, AverageCurve curve, int at) {
    if (observed()) {
      kernel.squareObserved(tile, curve.averages(), curve.weights(), numerators, denominators, at);
    } else {
      kernel.square(tile, curve.averages(), numerators, at, numerators, at);
    }
  }

  /**
   * Scores the rows by these sums and the columns from {@code from} on, of which there is at least
   * one.
   *
   * @param scores the scores of the rows from {@code begin} on go there, at their rows
   */
  void score(
      Tile tile,
      Kernel kernel,
      AverageCurve curve,
      Presence presence,
      int begin,
      int from,
      double[] scores) {
    int end = begin + length();
    int epochs = curve.averages().length;
    if (observed()) {
      Sums sums = grown(length());
      tile.each(begin, end, from, epochs, () -> sums.add(tile, kernel, curve, 0));
      sums.divide(presence, begin, scores);
    } else {
      tile.each(
          begin,
          end,
          from,
          epochs,
          () -> {
            boolean first = tile.from() == from;
            kernel.square(
                tile,
                curve.averages(),
                first ? numerators : scores,
                first ? 0 : begin,
                scores,
                begin);
          });
      kernel.score(scores, begin, length(), curve.denominator());
    }
  }

  private void divide(Presence presence, int begin, double[] scores) {
    for (int i = 0; i < numerators.length; i++) {
      boolean scored = presence.has(begin + i) && denominators[i] != 0;
      scores[begin + i] = scored ? 1 - numerators[i] / denominators[i] : Double.NaN;
    }
  }

  private boolean observed() {
    return denominators != NO_DENOMINATORS;
  }
}
