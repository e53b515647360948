package dev.lim.selection;

import dev.lim.scoring.Ranking;
import it.unimi.dsi.fastutil.longs.LongArrays;
import java.util.BitSet;

/**
 * Samples drawn by a strategy's weights: a function of the seed, the weights and the sample ids, so
 * that it is the same on every instance, whoever posted first.
 *
 * <p>Without replacement: one after another, each time in proportion to the weights of those that
 * are left. That is the order of ln(u_i) / w_i, u_i uniform in (0, 1) by seed and id (Efraimidis,
 * Spirakis: Weighted Random Sampling with a Reservoir, 2006): no sample's key depends on another's,
 * and the largest are selected in linear time.
 *
 * <p>With replacement: each time in proportion to all weights: the j-th uniform number of the seed,
 * in the running sum of the weights in the byte order of ids.
 *
 * <p>A smaller draw with the same seed is the beginning of a larger one. Immutable.
 *
 * @param rows of the samples, in the order in which they were drawn
 * @param weights by row of the matrix; 0 for those that could not be drawn
 * @param candidates how many could be drawn
 * @param excluded how many more could have been, if they were not excluded
 */
record Draw(int[] rows, double[] weights, int candidates, int excluded) {

  /** Keeps its chance apart from that of strategies that use the same seed. */
  private static final long PURPOSE = 0x64726177L;

  /** Of the greatest weight; what weighs less counts as this, so that no key is infinite. */
  private static final double LEAST_SHARE = 1e-300;

  /**
   * Draws.
   *
   * @param excluded rows that must not be drawn
   * @param size how many; where there is no replacement and fewer have a weight above 0, all these;
   *     none where no weight is above 0
   */
  static Draw of(Scored scored, BitSet excluded, int size, boolean replacement, long seed) {
    double[] weights = new double[scored.matrix().rows()];
    int candidates = 0;
    int passedOver = 0;
    for (int row = 0; row < weights.length; row++) {
      double weight = scored.scores().weight(row);
      if (weight > 0) {
        if (excluded.get(row)) {
          passedOver++;
        } else {
          weights[row] = weight;
          candidates++;
        }
      }
    }
    long own = Chance.bits(seed, PURPOSE);
    int[] rows =
        candidates == 0
            ? new int[0]
            : replacement
                ? repeated(scored, weights, candidates, size, own)
                : distinct(scored, weights, size, own);
    return new Draw(rows, weights, candidates, passedOver);
  }

  private static int[] distinct(Scored scored, double[] weights, int size, long seed) {
    double most = greatest(weights);
    double[] keys = new double[weights.length];
    for (int row = 0; row < keys.length; row++) {
      keys[row] =
          weights[row] > 0
              ? StrictMath.log(open(Chance.bits(seed, scored.chosen().idHash(row))))
                  / Math.max(weights[row] / most, LEAST_SHARE)
              : Double.NaN;
    }
    return Ranking.of(keys, keys.length, scored.idRank()).top(size);
  }

  private static int[] repeated(
      Scored scored, double[] weights, int candidates, int size, long seed) {
    double most = greatest(weights);
    long[] byId = new long[candidates];
    for (int row = 0, i = 0; row < weights.length; row++) {
      if (weights[row] > 0) {
        byId[i++] = (long) scored.idRank()[row] << Integer.SIZE | row;
      }
    }
    LongArrays.radixSort(byId);
    double[] sums = new double[candidates];
    double sum = 0;
    for (int i = 0; i < candidates; i++) {
      sum += weights[(int) byId[i]] / most;
      sums[i] = sum;
    }
    int[] rows = new int[size];
    for (int j = 0; j < size; j++) {
      rows[j] = (int) byId[above(sums, Chance.uniform(Chance.bits(seed, j)) * sum)];
    }
    return rows;
  }

  /** The first of the ascending sums that is above; the last where rounding leaves none. */
  private static int above(double[] sums, double value) {
    int low = 0;
    int high = sums.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sums[middle] > value) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private static double greatest(double[] weights) {
    double most = 0;
    for (double weight : weights) {
      most = Math.max(most, weight);
    }
    return most;
  }

  /** Uniform in (0, 1). */
  private static double open(long bits) {
    return Chance.uniform(bits) + 0x1p-54;
  }
}
