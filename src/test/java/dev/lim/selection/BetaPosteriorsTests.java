package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Draws from Beta distributions; the seed is fixed, so that no luck is in the result. */
class BetaPosteriorsTests {

  private static final int DRAWS = 200_000;
  private static final long SEED = 42;

  @Test
  void meansAndVariancesAreThoseOfTheDistribution() {
    for (double[] shape :
        new double[][] {{1, 1}, {0.1, 0.1}, {0.1, 1000}, {0.5, 3}, {1.7, 0.9}, {9, 1}, {30, 50}}) {
      double a = shape[0];
      double b = shape[1];
      double[] draws = draws(a, b);
      double mean = a / (a + b);
      double variance = mean * (1 - mean) / (a + b + 1);
      assertThat(Arrays.stream(draws).average().orElseThrow())
          .as("mean of Beta(%s, %s)", a, b)
          .isCloseTo(mean, within(5 * Math.sqrt(variance / DRAWS)));
      assertThat(Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).average().orElseThrow())
          .as("variance of Beta(%s, %s)", a, b)
          .isCloseTo(variance, within(0.05 * variance));
    }
  }

  /** Kolmogorov-Smirnov; above 1.95 / sqrt(n) one in a thousand right samplers would be. */
  @Test
  void drawsFollowTheDistributionWhereItHasAClosedForm() {
    follow(1, 1, x -> x);
    follow(2, 1, x -> x * x);
    follow(1, 3, x -> 1 - Math.pow(1 - x, 3));
    follow(0.5, 0.5, x -> 2 / Math.PI * Math.asin(Math.sqrt(x)));
    follow(0.2, 1, x -> Math.pow(x, 0.2));
    follow(2, 2, x -> x * x * (3 - 2 * x));
  }

  private static void follow(double a, double b, DoubleUnaryOperator cdf) {
    double[] draws = draws(a, b);
    Arrays.sort(draws);
    double distance = 0;
    for (int i = 0; i < DRAWS; i++) {
      double wanted = cdf.applyAsDouble(draws[i]);
      distance = Math.max(distance, Math.abs(wanted - (double) i / DRAWS));
      distance = Math.max(distance, Math.abs(wanted - (i + 1.0) / DRAWS));
    }
    assertThat(distance).as("Beta(%s, %s)", a, b).isLessThan(1.95 / Math.sqrt(DRAWS));
  }

  private static double[] draws(double a, double b) {
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = Variates.beta(new Chance(SEED, i), a, b);
      assertThat(draws[i]).isBetween(0.0, 1.0);
    }
    return draws;
  }
}
