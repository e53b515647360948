package dev.lim.scoring;

/**
 * What scores are measured against.
 *
 * @param averages r_avg^k by epoch
 * @param weights (R - r_avg^k)^2 by epoch
 * @param denominator the sum of the weights, in ascending order of epochs; epochs without an
 *     average are left out
 */
record AverageCurve(double[] averages, double[] weights, double denominator) {

  static AverageCurve of(double[] averages, double highest) {
    double[] weights = new double[averages.length];
    double denominator = 0;
    for (int k = 0; k < averages.length; k++) {
      weights[k] = (highest - averages[k]) * (highest - averages[k]);
      denominator += Double.isNaN(weights[k]) ? 0 : weights[k];
    }
    return new AverageCurve(averages, weights, denominator);
  }
}
