package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Seed;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpearmanTests {

  private static final double NONE = Double.NaN;

  @Test
  void theSameOrderIsOneAndTheReverseMinusOne() {
    assertThat(correlation(new double[] {.1, .2, .3}, new double[] {-5, 7, 1000})).isEqualTo(1);
    assertThat(correlation(new double[] {.1, .2, .3}, new double[] {3, 2, 1})).isEqualTo(-1);
  }

  @Test
  void rowsThatOneDoesNotRankAreLeftOut() {
    assertThat(correlation(new double[] {1, NONE, 2, 9, 3}, new double[] {1, 5, 2, NONE, 3}))
        .isEqualTo(1);
  }

  @Test
  void tiesShareTheAverageOfTheirRanks() {
    // Ranks 1.5 1.5 3 4 and 1 2 3.5 3.5: 4 / sqrt(4.5 * 4.5).
    assertThat(correlation(new double[] {1, 1, 2, 3}, new double[] {1, 2, 5, 5}))
        .isCloseTo(4 / 4.5, within(1e-15));
  }

  @Test
  void bothZerosAreTheSameScore() {
    assertThat(correlation(new double[] {0.0, -0.0, 1}, new double[] {2, 2, 3})).isEqualTo(1);
  }

  @Test
  void fewerThanTwoRowsOrNoVarianceIsNoCorrelation() {
    assertThat(correlation(new double[] {}, new double[] {})).isNaN();
    assertThat(correlation(new double[] {1}, new double[] {1})).isNaN();
    assertThat(correlation(new double[] {1, NONE}, new double[] {NONE, 1})).isNaN();
    assertThat(correlation(new double[] {2, 2, 2}, new double[] {1, 2, 3})).isNaN();
    assertThat(correlation(new double[] {1, 2, 3}, new double[] {2, 2, 2})).isNaN();
  }

  @Test
  void agreesWithTheDefinitionOnRandomScores() {
    long seed = Seed.of(getClass());
    Random random = new Random(seed);
    for (int trial = 0; trial < 300; trial++) {
      int rows = random.nextInt(60);
      double[] a = scores(random, rows);
      double[] b = scores(random, rows);
      double got = correlation(a, b);
      double wanted = naive(a, b);
      if (Double.isNaN(wanted)) {
        assertThat(got).as("seed " + seed).isNaN();
      } else {
        assertThat(got).as("seed " + seed).isCloseTo(wanted, within(1e-12));
      }
    }
  }

  private static double[] scores(Random random, int rows) {
    int kinds = 1 + random.nextInt(20);
    return IntStream.range(0, rows)
        .mapToDouble(_ -> random.nextInt(5) == 0 ? Double.NaN : random.nextInt(kinds) / 7.0 - 1)
        .toArray();
  }

  private static double correlation(double[] a, double[] b) {
    int[] ids = IntStream.range(0, a.length).toArray();
    return Spearman.correlation(Ranking.of(a, a.length, ids), Ranking.of(b, b.length, ids));
  }

  /** Pearson's correlation of ranks that are counted pair by pair. */
  private static double naive(double[] a, double[] b) {
    int[] both =
        IntStream.range(0, a.length)
            .filter(i -> !Double.isNaN(a[i]) && !Double.isNaN(b[i]))
            .toArray();
    double[] x = new double[both.length];
    double[] y = new double[both.length];
    for (int i = 0; i < both.length; i++) {
      for (int j : both) {
        x[i] += a[j] < a[both[i]] ? 1 : a[j] == a[both[i]] ? 0.5 : 0;
        y[i] += b[j] < b[both[i]] ? 1 : b[j] == b[both[i]] ? 0.5 : 0;
      }
    }
    double meanOfX = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElse(0);
    double meanOfY = IntStream.range(0, y.length).mapToDouble(i -> y[i]).average().orElse(0);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanOfX) * (y[i] - meanOfY);
      xx += (x[i] - meanOfX) * (x[i] - meanOfX);
      yy += (y[i] - meanOfY) * (y[i] - meanOfY);
    }
    return xx == 0 || yy == 0 ? Double.NaN : xy / Math.sqrt(xx * yy);
  }
}
