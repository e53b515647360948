package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lim.scoring.Ranking;
import dev.lim.scoring.RowSet;
import dev.lim.scoring.Spearman;
import dev.lim.selection.Scored;
import dev.lim.selection.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two rankings held against each other on the samples that both runs have met: both are cut anew
 * among these alone. Rows are those of the first. Immutable.
 */
final class Comparison {

  /** What becomes of a sample between one subset and the other. */
  @Schema(name = "Change")
  enum Change {
    @JsonProperty("kept")
    KEPT,
    @JsonProperty("entered")
    ENTERED,
    @JsonProperty("left")
    LEFT,
    @JsonProperty("neither")
    NEITHER;

    private String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Change> of(String code) {
      return Arrays.stream(values()).filter(change -> change.code().equals(code)).findFirst();
    }

    static String codes() {
      return Arrays.stream(values()).map(Change::code).collect(Collectors.joining(", "));
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ComparisonItem")
  record Item(
      @Schema(example = "prompt-0001") String sample,
      @Schema(description = "In the whole ranking of the run; absent where unscored", example = "1")
          @Nullable Integer rank,
      @Schema(example = "0.83") @Nullable Double score,
      @Schema(
              description = "In the whole ranking of the other; absent where unscored",
              example = "7")
          @Nullable Integer otherRank,
      @Schema(example = "0.79") @Nullable Double otherScore,
      @Schema(description = "entered: only the other selects it; left: only this run does")
          Change change) {}

  private final Scored scored;
  private final Scored other;
  private final int[] otherRow;
  private final int common;
  private final Ranking ranking;
  private final Ranking otherRanking;
  private final RowSet subset;
  private final RowSet otherSubset;

  private Comparison(Scored scored, Scored other, Selection selection) {
    this.scored = scored;
    this.other = other;
    this.otherRow = scored.rowsIn(other);
    int rows = otherRow.length;
    this.common = (int) Arrays.stream(otherRow).filter(row -> row >= 0).count();
    Scored here = scored.only(RowSet.where(rows, row -> otherRow[row] >= 0));
    Scored there =
        other.only(
            RowSet.of(
                other.matrix().rows(), Arrays.stream(otherRow).filter(row -> row >= 0).toArray()));
    this.ranking = here.ranking();
    this.subset = selection.rows(here);
    RowSet selected = selection.rows(there);
    this.otherSubset =
        RowSet.where(rows, row -> otherRow[row] >= 0 && selected.contains(otherRow[row]));
    double[] scores = new double[rows];
    Arrays.setAll(scores, row -> otherRow[row] >= 0 ? other.score(otherRow[row]) : Double.NaN);
    this.otherRanking = scored.ranked(scores);
  }

  static Comparison of(Scored scored, Scored other, Selection selection) {
    return new Comparison(scored, other, selection);
  }

  /** Samples that both runs have met. */
  int common() {
    return common;
  }

  /** Samples that have a score in both. */
  int scoredInBoth() {
    return (int) Arrays.stream(ranking.rows()).filter(otherRanking::ranks).count();
  }

  int size() {
    return subset.size();
  }

  int otherSize() {
    return otherSubset.size();
  }

  int kept() {
    return subset.common(otherSubset);
  }

  Stability.Agreement agreement() {
    return Stability.Agreement.of(
        Spearman.correlation(ranking, otherRanking), subset.jaccard(otherSubset));
  }

  /**
   * The rows to show: those with a score in one of the two, in the order of the first ranking, then
   * of the other.
   *
   * @param wanted null: all
   */
  int[] rows(@Nullable Change wanted) {
    return IntStream.concat(
            Arrays.stream(ranking.rows()),
            Arrays.stream(otherRanking.rows()).filter(row -> !ranking.ranks(row)))
        .filter(row -> wanted == null || change(row) == wanted)
        .toArray();
  }

  Item item(int row) {
    int position = scored.ranking().position(row);
    int otherPosition = other.ranking().position(otherRow[row]);
    return new Item(
        scored.sample(row),
        position < 0 ? null : position + 1,
        position < 0 ? null : scored.score(row),
        otherPosition < 0 ? null : otherPosition + 1,
        otherPosition < 0 ? null : other.score(otherRow[row]),
        change(row));
  }

  private Change change(int row) {
    if (subset.contains(row)) {
      return otherSubset.contains(row) ? Change.KEPT : Change.LEFT;
    }
    return otherSubset.contains(row) ? Change.ENTERED : Change.NEITHER;
  }
}
