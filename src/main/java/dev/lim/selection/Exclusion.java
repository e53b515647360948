package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.reward.RecentSteps;
import dev.lim.reward.RewardMatrix;
import dev.lim.web.JsonObject;
import dev.lim.web.Limits;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Which samples must not be drawn: those that any of these names.
 *
 * @param lastEpochs met in so many of the latest epochs with rewards
 * @param sinceEpoch met in this epoch or a later one
 * @param lastSteps met in so many of the latest optimiser steps
 * @param samples these; whoever the run does not know could not be drawn anyway
 */
@Schema(
    name = "DrawExclusion",
    description = "Samples that must not be drawn: those that any of these names")
record Exclusion(
    @Schema(description = "Met in so many of the latest epochs with rewards", example = "1")
        @Nullable Integer lastEpochs,
    @Schema(
            description = "Met in this epoch or a later one, which may have no rewards yet",
            example = "3")
        @Nullable Integer sinceEpoch,
    @Schema(
            description =
                "Met in so many of the latest optimiser steps, by their numbers; batches without a step do not count",
            example = "2")
        @Nullable Long lastSteps,
    @Schema(description = "These; ids that the run does not know are passed over")
        List<String> samples) {

  private static final String LAST_STEPS = "lastSteps";
  private static final long MOST_STEPS = 1_000_000_000_000L;

  static Exclusion none() {
    return new Exclusion(null, null, null, List.of());
  }

  /** Reads it; what is wrong is rejected there. */
  static Exclusion of(JsonObject body, Limits limits) {
    return new Exclusion(
        body.whole("lastEpochs", 1, limits.epochs()).map(Long::intValue).orElse(null),
        body.whole("sinceEpoch", 1, limits.epochs()).map(Long::intValue).orElse(null),
        body.whole(LAST_STEPS, 1, MOST_STEPS).orElse(null),
        body.list("samples"));
  }

  /**
   * The rows that it means.
   *
   * @throws ProblemException 422 where steps are asked for and no batch in force has one
   */
  BitSet rows(Scored scored, RecentSteps steps) {
    RewardMatrix matrix = scored.matrix();
    BitSet rows = new BitSet();
    NavigableMap<Integer, EpochColumn> epochs = matrix.columns();
    if (lastEpochs != null) {
      epochs.descendingMap().values().stream()
          .limit(lastEpochs)
          .forEach(column -> observed(column, rows));
    }
    if (sinceEpoch != null) {
      epochs.tailMap(sinceEpoch, true).values().forEach(column -> observed(column, rows));
    }
    if (lastSteps != null && !epochs.isEmpty()) {
      steps
          .ordinals(scored.state(), lastSteps)
          .orElseThrow(() ->
              ProblemException.at(
                  ProblemType.INVALID_CONTENT,
                  "#/exclude/" + LAST_STEPS,
                  "no batch in force has a step: send step with the rewards, or exclude by epoch"))
          .stream()
          .map(matrix::row)
          .filter(row -> row >= 0)
          .forEach(rows::set);
    }
    for (String sample : samples) {
      int row = scored.row(sample);
      if (row >= 0) {
        rows.set(row);
      }
    }
    return rows;
  }

  private static void observed(EpochColumn column, BitSet rows) {
    for (int row = 0; row < column.length(); row++) {
      if (column.observed(row)) {
        rows.set(row);
      }
    }
  }
}
