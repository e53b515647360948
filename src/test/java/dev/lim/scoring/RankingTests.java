package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTests {

  private static final int[] SIZES = {
    0, 1, 2, 3, 15, 16, 17, 70, 255, 256, 257, 1023, 1025, 4098, 70_001
  };

  private final Random random = new Random(Seed.of(getClass()));

  @Test
  void ranksByDescendingScoreThenById() {
    Ranking ranking =
        Ranking.of(new double[] {0.5, Double.NaN, 1, 0.5, -2}, 5, new int[] {4, 0, 1, 2, 3});

    assertThat(ranking.size()).isEqualTo(4);
    assertThat(ranking.top(2)).containsExactly(2, 3);
    assertThat(ranking.rows()).containsExactly(2, 3, 0, 4);
    assertThat(ranking.row(1)).isEqualTo(3);
    assertThat(ranking.position(0)).isEqualTo(2);
    assertThat(ranking.position(1)).isEqualTo(-1);
    assertThat(ranking.top(9)).containsExactly(2, 3, 0, 4);
    assertThat(ranking.top(0)).isEmpty();
  }

  @Test
  void rowsBeyondThoseThatCountAreNotRanked() {
    Ranking ranking = Ranking.of(new double[] {0, 1, 2, 3}, 2, new int[] {0, 1, 2, 3});

    assertThat(ranking.rows()).containsExactly(1, 0);
  }

  @Test
  void bothZerosAreTheSameScore() {
    Ranking ranking = Ranking.of(new double[] {-0.0, 0.0, -0.0}, 3, new int[] {2, 1, 0});

    assertThat(ranking.top(1)).containsExactly(2);
    assertThat(ranking.rows()).containsExactly(2, 1, 0);
  }

  @Test
  void anyScoresAreRankedAsAComparatorWould() {
    for (int rows : SIZES) {
      for (int kind = 0; kind < 6; kind++) {
        ranksAsAComparator(scores(rows, kind), idRank(rows));
      }
    }
  }

  private static void ranksAsAComparator(double[] scores, int[] idRank) {
    int[] expected =
        IntStream.range(0, scores.length)
            .filter(row -> !Double.isNaN(scores[row]))
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(row -> -scores[row] + 0.0)
                    .thenComparingInt(row -> idRank[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int n : new int[] {0, 1, 2, 10, scores.length / 3, scores.length}) {
      assertThat(Ranking.of(scores, scores.length, idRank).top(n))
          .isEqualTo(Arrays.copyOf(expected, Math.min(n, expected.length)));
    }
    Ranking ranking = Ranking.of(scores, scores.length, idRank);
    assertThat(ranking.rows()).isEqualTo(expected);
    int[] positions = new int[scores.length];
    Arrays.fill(positions, -1);
    IntStream.range(0, expected.length).forEach(i -> positions[expected[i]] = i);
    assertThat(IntStream.range(0, scores.length).map(ranking::position).toArray())
        .isEqualTo(positions);
  }

  /** Ranks with gaps: those of a dataset of which the run met some samples. */
  private int[] idRank(int rows) {
    int[] ranks = random.ints(0, 1 << 30).distinct().limit(rows).toArray();
    if (random.nextBoolean()) {
      Arrays.sort(ranks);
    }
    return ranks;
  }

  private double[] scores(int rows, int kind) {
    return IntStream.range(0, rows).mapToDouble(_ -> score(kind)).toArray();
  }

  private double score(int kind) {
    if (random.nextInt(20) == 0) {
      return Double.NaN;
    }
    return switch (kind) {
      case 0 -> random.nextGaussian();
      case 1 -> random.nextInt(3) / 2.0;
      case 2 -> 0.25;
      case 3 -> 0.5 + random.nextInt(40) * 0x1p-50;
      case 4 -> 1 - Math.exp(random.nextGaussian() * 300);
      default -> random.nextBoolean() ? -0.0 : random.nextInt(3) * Double.MIN_VALUE;
    };
  }
}
