package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.scoring.RowSet;
import dev.lim.scoring.Spearman;
import dev.lim.selection.Scored;
import dev.lim.selection.Scorings;
import dev.lim.selection.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a ranking and the subset cut from it moved from epoch to epoch. Immutable.
 *
 * @param lately by epoch, the Jaccard of its subset with that of {@value #WINDOW} epochs before;
 *     NaN where there is none
 */
record Stability(List<Item> items, double[] lately) {

  /** Over how many epochs a subset must be steady. */
  static final int WINDOW = 3;

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "StabilityItem")
  record Item(
      @Schema(description = "As it stood after this epoch", example = "10") int epoch,
      @Schema(description = "Samples with a score", example = "1980") int scored,
      @Schema(description = "Samples in the subset", example = "575") int size,
      @Schema(
              description = "How many of what solved=any selects no rollout had solved until then",
              example = "3")
          int neverSolved,
      @Schema(
              description =
                  "How many of what solved=any selects all rollouts had solved until then",
              example = "0")
          int alwaysSolved,
      @Schema(description = "Absent in the first") @Nullable Agreement toPrevious,
      Agreement toLast) {}

  /** How far two epochs agree. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  @Schema(name = "Agreement")
  record Agreement(
      @Schema(
              types = {"number", "null"},
              description =
                  "Spearman's rank correlation over the samples that are scored in both; average ranks for ties. Null"
                      + " where fewer than two are, or all are tied",
              example = "0.97")
          @Nullable Double spearman,
      @Schema(
              description = "Jaccard of the subsets: shared / all in either; of two empty ones 1",
              example = "0.93")
          double jaccard) {

    static Agreement of(double spearman, double jaccard) {
      return new Agreement(Double.isNaN(spearman) ? null : spearman, jaccard);
    }
  }

  static Stability of(Scored last, Selection selection, Scorings scorings) {
    Walk walk = new Walk(last, selection);
    scorings.eachEpoch(last, walk::add);
    return new Stability(
        walk.items, walk.lately.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static final class Walk {

    private final Scored last;
    private final RowSet lastSubset;
    private final Selection selection;
    private final List<Item> items = new ArrayList<>();
    private final List<Double> lately = new ArrayList<>();

    /** The latest ones, as many as are looked back on. */
    private final RowSet[] subsets = new RowSet[WINDOW];

    private @Nullable Scored previous;

    Walk(Scored last, Selection selection) {
      this.last = last;
      this.selection = selection;
      this.lastSubset = selection.rows(last);
    }

    void add(Scored scored) {
      RowSet subset = selection.rows(scored);
      RowSet any = selection.solved().equals("any") ? subset : selection.ofAny().rows(scored);
      int k = items.size();
      Scored before = previous;
      items.add(
          new Item(
              scored.chosen().through(),
              scored.ranking().size(),
              subset.size(),
              count(scored, any, Scored::neverSolved),
              count(scored, any, Scored::alwaysSolved),
              before == null ? null : agreement(before, subsets[(k - 1) % WINDOW], scored, subset),
              agreement(scored, subset, last, lastSubset)));
      lately.add(k < WINDOW ? Double.NaN : subset.jaccard(subsets[k % WINDOW]));
      subsets[k % WINDOW] = subset;
      previous = scored;
    }

    private static Agreement agreement(Scored a, RowSet subsetOfA, Scored b, RowSet subsetOfB) {
      return Agreement.of(
          Spearman.correlation(a.ranking(), b.ranking()), subsetOfA.jaccard(subsetOfB));
    }

    private interface Kind {
      boolean holds(Scored scored, int row);
    }

    private static int count(Scored scored, RowSet subset, Kind kind) {
      int count = 0;
      for (int row = 0; row < scored.matrix().rows(); row++) {
        count += subset.contains(row) && kind.holds(scored, row) ? 1 : 0;
      }
      return count;
    }
  }
}
