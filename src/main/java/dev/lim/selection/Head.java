package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every answer that scores says of itself. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Head(
    @Schema(example = "demo") String run,
    @Schema(description = "The run's revision that this answers for", example = "42") long revision,
    @Schema(example = "lim") String strategy,
    @Schema(
            description = "The strategy's own parameters, defaults filled in, where it has any",
            example = "{}")
        @Nullable Map<String, Object> parameters,
    @Schema(example = "mean") String reward,
    @Schema(example = "backfill") String missing,
    Epochs epochs,
    @Schema(description = "Samples with a score", example = "1980") int scored,
    @Schema(description = "Samples of the run without one", example = "20") int unscored,
    @Schema(description = "Why there are no scores, where the formula has none")
        @Nullable String undefined) {

  static final String UNDEFINED = "the average equals the highest reward";

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ChosenEpochs", description = "The epochs that were looked at, both included")
  public record Epochs(
      @Schema(example = "1") int from,
      @Schema(description = "0 where the run has no rewards yet", example = "10") int through,
      @Schema(description = "Those in which nobody has a reward; they count for nobody")
          @Nullable List<Integer> empty) {}
}
