package dev.lim.reward;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Locale;

/** What became of a batch, after the commit. */
@Schema(name = "Written")
record Written(
    @Schema(example = "my-run") String run,
    @Schema(example = "1") int epoch,
    @Schema(example = "step-1-rank-0") String batch,
    @Schema(example = "1024") int samples,
    @Schema(example = "8192") int rollouts,
    @Schema(description = "The run's revision with this batch in it", example = "7") long revision,
    @Schema(allowableValues = {"added", "replaced", "unchanged"}) String outcome) {

  enum Outcome {
    ADDED,
    REPLACED,
    UNCHANGED;

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  boolean is(Outcome other) {
    return outcome.equals(other.code());
  }
}
