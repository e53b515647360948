package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.reward.EpochColumn;
import dev.lim.selection.Chosen;
import dev.lim.selection.Scored;
import dev.lim.selection.Scorings;
import dev.lim.web.ProblemException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Single samples through the epochs. */
final class Trajectories {

  private Trajectories() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Trajectory")
  record Item(
      @Schema(example = "prompt-0001") String sample,
      @Schema(description = "Absent where unscored", example = "17") @Nullable Integer rank,
      @Schema(example = "0.83") @Nullable Double score,
      @Schema(description = "The chosen epochs that it was observed in") List<Epoch> epochs) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "TrajectoryEpoch")
  record Epoch(
      @Schema(example = "1") int epoch,
      @Schema(description = "r_i^k as observed", example = "0.25") double reward,
      @Schema(example = "8") int rollouts,
      @Schema(description = "As it stood after this epoch; absent where unscored", example = "0.7")
          @Nullable Double score) {}

  /**
   * One item a sample.
   *
   * @throws ProblemException 400 where the run has never met a sample
   */
  static List<Item> of(Scored scored, Scorings scorings, List<String> samples) {
    int[] rows = new int[samples.size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = scored.row(samples.get(i));
      if (rows[i] < 0) {
        throw ProblemException.parameter("sample", "the run has no sample " + samples.get(i));
      }
    }
    List<List<Epoch>> epochs = new ArrayList<>();
    for (int _ : rows) {
      epochs.add(new ArrayList<>());
    }
    Chosen chosen = scored.chosen();
    scorings.scoreAfterEach(
        scored,
        (epoch, scores) -> {
          EpochColumn column = chosen.column(epoch);
          for (int i = 0; i < rows.length; i++) {
            if (column.observed(rows[i])) {
              epochs
                  .get(i)
                  .add(
                      new Epoch(
                          epoch,
                          column.reward(rows[i], chosen.reward()),
                          column.rollouts(rows[i]),
                          number(scores[rows[i]])));
            }
          }
        });
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      int position = scored.ranking().position(rows[i]);
      items.add(
          new Item(
              samples.get(i),
              position < 0 ? null : position + 1,
              number(scored.score(rows[i])),
              epochs.get(i)));
    }
    return items;
  }

  private static @Nullable Double number(double score) {
    return Double.isNaN(score) ? null : score;
  }
}
