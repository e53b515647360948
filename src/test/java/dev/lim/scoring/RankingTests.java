package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RankingTests {

  @Test
  void ranksByDescendingScoreThenById() {
    Ranking ranking =
        Ranking.of(new double[] {0.5, Double.NaN, 1, 0.5, -2}, 5, new int[] {4, 0, 1, 2, 3});

    assertThat(ranking.size()).isEqualTo(4);
    assertThat(ranking.rows()).containsExactly(2, 3, 0, 4);
    assertThat(ranking.row(1)).isEqualTo(3);
    assertThat(ranking.position(0)).isEqualTo(2);
    assertThat(ranking.position(1)).isEqualTo(-1);
    assertThat(ranking.top(2)).containsExactly(2, 3);
    assertThat(ranking.top(9)).containsExactly(2, 3, 0, 4);
  }
}
