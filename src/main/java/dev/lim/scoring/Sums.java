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
        denominators == NO_DENOMINATORS ? NO_DENOMINATORS : Arrays.copyOf(denominators, length));
  }

  /** Adds the tile's columns to the rows from {@code at} on. */
  void add(Tile tile, Kernel kernel, Curve curve, int at) {
    if (denominators == NO_DENOMINATORS) {
      kernel.square(tile, curve.averages(), numerators, at);
    } else {
      kernel.squareObserved(tile, curve.averages(), curve.weights(), numerators, denominators, at);
    }
  }

  /** Writes the rows' scores from {@code scores[at]} on. */
  void score(Kernel kernel, Curve curve, int[] absences, int allowed, double[] scores, int at) {
    if (denominators == NO_DENOMINATORS) {
      kernel.score(numerators, curve.denominator(), scores, at);
    } else {
      for (int i = 0; i < numerators.length; i++) {
        boolean scored = absences[i] <= allowed && denominators[i] != 0;
        scores[at + i] = scored ? 1 - numerators[i] / denominators[i] : Double.NaN;
      }
    }
  }
}
