package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.reward.EpochColumn;
import dev.lim.selection.Chosen;
import dev.lim.selection.Scored;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The average reward curve. */
final class Curve {

  private Curve() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "CurveItem")
  record Item(
      @Schema(example = "1") int epoch,
      @Schema(
              description = "r_avg^k, over the samples being scored; absent where none is",
              example = "0.31")
          @Nullable Double averageReward,
      @Schema(description = "Over the samples that were observed", example = "0.30")
          double observedReward,
      @Schema(description = "How many were observed", example = "1900") int samples,
      @Schema(example = "15200") long rollouts) {}

  /** One item a chosen epoch with rewards. */
  static List<Item> of(Scored scored) {
    Chosen chosen = scored.chosen();
    double[] averages = scored.averages();
    List<Item> items = new ArrayList<>();
    for (int k = 0; k < chosen.epochs().size(); k++) {
      int epoch = chosen.epochs().get(k);
      EpochColumn column = chosen.column(epoch);
      double sum = 0;
      for (int row = 0; row < column.length(); row++) {
        sum += column.observed(row) ? column.reward(row, chosen.reward()) : 0;
      }
      items.add(
          new Item(
              epoch,
              Double.isNaN(averages[k]) ? null : averages[k],
              sum / column.samples(),
              column.samples(),
              column.totalRollouts()));
    }
    return items;
  }
}
