package dev.lim.web;

import io.swagger.v3.oas.annotations.media.Schema;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** How much one request may ask of the service; settings {@code lim.limits.*}. */
@ConfigurationProperties("lim.limits")
@Schema(description = "The limits in force")
public record Limits(
    @Schema(description = "Bytes of a JSON body as sent") @DefaultValue("67108864") long bodyBytes,
    @Schema(description = "Bytes of a JSON body when inflated") @DefaultValue("268435456")
        long inflatedBytes,
    @Schema(description = "Bytes of a line of NDJSON") @DefaultValue("67108864") int lineBytes,
    @Schema(description = "Bytes of a body that holds settings, not rewards or records")
        @DefaultValue("131072")
        long settingsBytes,
    @Schema(description = "Samples in a batch") @DefaultValue("1000000") int samplesPerBatch,
    @Schema(description = "Rollouts of a sample in a batch") @DefaultValue("4096")
        int rolloutsPerSample,
    @Schema(description = "Rollouts in a batch") @DefaultValue("16777216") int rolloutsPerBatch,
    @Schema(description = "The highest epoch") @DefaultValue("10000") int epochs,
    @Schema(description = "How deep JSON may be nested") @DefaultValue("64") int jsonDepth,
    @Schema(description = "Items of a page") @DefaultValue("1000") int pageSize,
    @Schema(description = "Samples of a request for trajectories") @DefaultValue("100")
        int trajectories,
    @Schema(
            description =
                "Cells (a sample in an epoch) times replicates of a request that resamples; a cell of many rollouts"
                    + " counts once for every eight")
        @DefaultValue("4000000000")
        long resampledCells,
    @Schema(
            description =
                "Samples times epochs of a request for stability; each epoch counts once more for every 64 before it")
        @DefaultValue("200000000")
        long stabilityCells,
    @Schema(description = "Tags of a run") @DefaultValue("64") int tags) {

  private static final int USUAL_PAGE = 100;

  /** How many items of a listing the query asks for; what is wrong is rejected there. */
  public int page(Query query) {
    return query.whole("limit", 1, pageSize).orElse(Math.min(USUAL_PAGE, pageSize));
  }
}
