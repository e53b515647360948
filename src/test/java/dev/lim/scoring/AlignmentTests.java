package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.scoring.Alignment.Rule;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AlignmentTests {

  private static final float NONE = Float.NaN;
  private static final Offset<Double> CLOSE = within(1e-12);

  private static Alignment align(MissingRule missing, int minEpochs, int rows, float[]... columns) {
    return Alignment.of(
        Stream.of(columns).map(Column::of).toList(), rows, new Rule(1, missing, minEpochs));
  }

  private static float[] column(float... rewards) {
    return rewards;
  }

  @Test
  void scoresTheFormulaOfThePaper() {
    Alignment alignment = align(MissingRule.BACKFILL, 1, 3, column(1, 0, 0.5f), column(1, 0, 0.5f));

    assertThat(alignment.averages()).containsExactly(0.5, 0.5);
    assertThat(alignment.scores()).containsExactly(0, 0, 1);
    assertThat(alignment.scored()).isEqualTo(3);
    assertThat(alignment.undefined()).isFalse();
  }

  @Test
  void backfillTakesTheNextEpochOnceAndNeverFillsTheLast() {
    Alignment alignment =
        align(
            MissingRule.BACKFILL,
            1,
            4,
            column(0, NONE, NONE, 0),
            column(1, 1, NONE, 1),
            column(1, 0, 1, NONE));

    assertThat(alignment.averages()).containsExactly(0.5, 1, 0.5);
    assertThat(alignment.scores()[0]).isEqualTo(0, CLOSE);
    assertThat(alignment.scores()[1]).isEqualTo(0, CLOSE);
    assertThat(alignment.scores()[2]).isNaN();
    assertThat(alignment.scores()[3]).isNaN();
    assertThat(alignment.scored()).isEqualTo(2);
  }

  @Test
  void excludeScoresOnlyWhoWasAlwaysObserved() {
    Alignment alignment =
        align(MissingRule.EXCLUDE, 1, 3, column(0, NONE, 1), column(0.5f, 1, 0.5f));

    assertThat(alignment.averages()).containsExactly(0.5, 0.5);
    assertThat(alignment.scores()).containsExactly(0.5, Double.NaN, 0.5);
  }

  @Test
  void carryTakesTheLatestEarlierReward() {
    Alignment alignment =
        align(MissingRule.CARRY, 1, 3, column(0, 1, NONE), column(NONE, 1, 1), column(NONE, 0, 1));

    assertThat(alignment.averages()).containsExactly(0.5, 0.5, 0);
    assertThat(alignment.scores()[0]).isEqualTo(1 - 0.5 / 1.5, CLOSE);
    assertThat(alignment.scores()[1]).isEqualTo(1 - 0.5 / 1.5, CLOSE);
    assertThat(alignment.scores()[2]).isNaN();
  }

  @Test
  void observedScoresEverySampleOverItsOwnEpochs() {
    Alignment alignment =
        align(
            MissingRule.OBSERVED, 2, 3, column(0, NONE, NONE), column(1, 1, 1), column(0, 1, NONE));

    assertThat(alignment.averages()).containsExactly(0, 1, 0.5);
    assertThat(alignment.scores()[0]).isEqualTo(1 - 0.25 / 1.25, CLOSE);
    assertThat(alignment.scores()[1]).isEqualTo(0, CLOSE);
    assertThat(alignment.scores()[2]).isNaN();
  }

  @Test
  void observedLeavesOutWhoseOwnDenominatorIsZeroButAveragesThem() {
    Alignment alignment = align(MissingRule.OBSERVED, 1, 2, column(1, 1), column(0, NONE));

    assertThat(alignment.averages()).containsExactly(1, 0);
    assertThat(alignment.scores()).containsExactly(1, Double.NaN);
    assertThat(alignment.scored()).isEqualTo(1);
    assertThat(alignment.undefined()).isFalse();
  }

  @Test
  void anEpochWithoutAnEligibleSampleCountsForNobody() {
    Alignment alignment =
        align(MissingRule.OBSERVED, 2, 2, column(NONE, 1), column(0, NONE), column(0, NONE));

    assertThat(alignment.averages()).containsExactly(Double.NaN, 0, 0);
    assertThat(alignment.scores()).containsExactly(1, Double.NaN);
  }

  @Test
  void noScoreExistsWhereTheAverageIsAlwaysTheHighestReward() {
    Alignment alignment = align(MissingRule.BACKFILL, 1, 2, column(1, 1), column(1, 1));

    assertThat(alignment.undefined()).isTrue();
    assertThat(alignment.scored()).isZero();
    assertThat(alignment.averages()).containsExactly(1, 1);
    assertThat(alignment.scores()).containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void nobodyToScoreIsNotUndefined() {
    Alignment alignment = align(MissingRule.EXCLUDE, 1, 2, column(1, NONE), column(NONE, 1));

    assertThat(alignment.undefined()).isFalse();
    assertThat(alignment.scored()).isZero();
    assertThat(alignment.averages()).containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void noColumnsScoreNobody() {
    Alignment alignment = align(MissingRule.CARRY, 1, 2);

    assertThat(alignment.undefined()).isFalse();
    assertThat(alignment.averages()).isEmpty();
    assertThat(alignment.scores()).containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void rowsBeyondAColumnAreAbsentFromIt() {
    Alignment alignment = align(MissingRule.BACKFILL, 1, 2, column(0), column(1, 0.5f));

    assertThat(alignment.averages()).containsExactly(0.25, 0.75);
    assertThat(alignment.scored()).isEqualTo(2);
  }

  @Test
  void rulesAreNamedInLowerCase() {
    assertThat(MissingRule.of("backfill")).contains(MissingRule.BACKFILL);
    assertThat(MissingRule.of("BACKFILL")).isEmpty();
    assertThat(MissingRule.OBSERVED.code()).isEqualTo("observed");
  }
}
