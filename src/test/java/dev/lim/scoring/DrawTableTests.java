package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawTableTests {

  private static final int ROWS = 400_000;

  @Test
  void anUrnWithoutRewardsGivesNothingAndOneOfOneWhatItHas() {
    DrawTable table = table(1, new float[] {}, new float[] {0.25f}, new float[] {1});
    assertThat(drawn(table, 0, 1)).containsOnlyKeys("0.0 0 0");
    assertThat(drawn(table, 1, 1)).containsOnlyKeys("0.25 1 0");
    assertThat(drawn(table, 2, 1)).containsOnlyKeys("1.0 1 1");
  }

  /** n - 1 = 7 draws from three of eight: binomial(7, 3/8). */
  @Test
  void ofRewardsZeroAndOneTheSumIsBinomial() {
    DrawTable table = table(1, new float[] {0, 0, 0, 0, 0, 1, 1, 1});
    Map<String, Integer> drawn = drawn(table, 0, 7);
    assertThat(table.outcomes()).isEqualTo(9);
    double choose = 1;
    for (int solved = 0; solved <= 7; solved++) {
      double share = choose * Math.pow(0.375, solved) * Math.pow(0.625, 7 - solved);
      int got = drawn.getOrDefault((double) solved + " 7 " + solved, 0);
      assertThat((double) got / ROWS)
          .as(solved + " of 7")
          .isCloseTo(share, within(5 * Math.sqrt(share / ROWS)));
      choose = choose * (7 - solved) / (solved + 1);
    }
  }

  @Test
  void ofThreeKindsTheMeanAndTheVarianceAreThoseOfTheUrn() {
    float[] urn = {-1, -0.5f, -0.5f, 1, 1, 1};
    DrawTable table = table(1, urn);
    assertThat(table.outcomes()).isEqualTo(1 + 21);
    double mean = (-1 - 0.5 - 0.5 + 3) / 6;
    double variance = (1 + 0.25 + 0.25 + 3) / 6 - mean * mean;
    double sum = 0;
    double squares = 0;
    char[] outcomes = new char[ROWS];
    table.draw(new char[ROWS], streams(), 3, outcomes);
    for (char outcome : outcomes) {
      assertThat(table.count()[outcome]).isEqualTo(5);
      double got = table.sum()[outcome] / 5;
      sum += got;
      squares += got * got;
    }
    double gotMean = sum / ROWS;
    assertThat(gotMean).isCloseTo(mean, within(5 * Math.sqrt(variance / 5 / ROWS)));
    assertThat(squares / ROWS - gotMean * gotMean).isCloseTo(variance / 5, within(0.002));
  }

  @Test
  void whatComesFromAnUrnDoesNotDependOnWhichOthersThereAre() {
    float[] urn = {0, 0, 1, 1};
    DrawTable alone = table(1, urn);
    DrawTable among = table(1, new float[] {}, new float[] {0, 1, 2}, urn);
    char[] one = new char[1000];
    char[] other = new char[1000];
    char[] third = new char[1000];
    Arrays.fill(third, (char) 2);
    alone.draw(new char[1000], streams(), 9, one);
    among.draw(third, streams(), 9, other);
    for (int i = 0; i < 1000; i++) {
      assertThat(alone.sum()[one[i]]).isEqualTo(among.sum()[other[i]]);
    }
  }

  @Test
  void tooManyOutcomesMakeNoTable() {
    float[] different = new float[20];
    for (int i = 0; i < different.length; i++) {
      different[i] = i;
    }
    int[] starts = {0, 20};
    assertThat(DrawTable.of(starts, different, 1)).isNull();
  }

  private static DrawTable table(float correctAt, float[]... urns) {
    int[] starts = new int[urns.length + 1];
    for (int i = 0; i < urns.length; i++) {
      starts[i + 1] = starts[i] + urns[i].length;
    }
    float[] values = new float[starts[urns.length]];
    for (int i = 0; i < urns.length; i++) {
      System.arraycopy(urns[i], 0, values, starts[i], urns[i].length);
    }
    return Objects.requireNonNull(DrawTable.of(starts, values, correctAt));
  }

  private static Map<String, Integer> drawn(DrawTable table, int urn, int n) {
    char[] urns = new char[ROWS];
    Arrays.fill(urns, (char) urn);
    byte[] outcomes = new byte[ROWS];
    table.draw(urns, streams(), n, outcomes);
    Map<String, Integer> counts = new HashMap<>();
    for (byte outcome : outcomes) {
      int o = outcome & 0xff;
      counts.merge(
          table.sum()[o] + " " + table.count()[o] + " " + table.solved()[o], 1, Integer::sum);
    }
    return counts;
  }

  private static long[] streams() {
    return IntStream.range(0, ROWS).mapToLong(row -> Streams.mix(row)).toArray();
  }
}
