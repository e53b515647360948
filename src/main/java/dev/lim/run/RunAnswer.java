package dev.lim.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.run.RunContents.Contents;
import dev.lim.run.RunContents.EpochContents;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A run, as answered. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Run")
public record RunAnswer(
    @Schema(example = "demo") String run,
    @Schema(example = "demo") String dataset,
    @Schema(description = "How rollouts become a sample's reward", example = "mean") String reward,
    @Schema(description = "The reward from which a rollout counts as solved", example = "1")
        float correctAt,
    @Schema(description = "The highest possible reward, R", example = "1") float rewardMax,
    @Schema(example = "backfill") String missing,
    @Schema(description = "How many batches make an epoch complete", example = "8")
        @Nullable Integer batchesPerEpoch,
    boolean closedDataset,
    Map<String, String> tags,
    @Schema(allowableValues = {"running", "finished"}) String state,
    @Schema(example = "1") int attempt,
    @Schema(description = "One more for every committed change", example = "42") long revision,
    @Schema(description = "The population: samples with a rollout in force", example = "2000")
        int samples,
    @Schema(description = "Rollouts in force", example = "640000") long rollouts,
    @Schema(description = "Rollouts whose reward is above rewardMax", example = "0") long aboveMax,
    Instant createdAt,
    Instant lastWriteAt,
    @Schema(description = "The epochs with rewards; left out of lists")
        @Nullable List<EpochContents> epochs) {

  static RunAnswer of(RunState run, Contents contents) {
    return of(run, contents, contents.epochs());
  }

  /** Without its epochs, as it stands in a list. */
  static RunAnswer brief(RunState run, Contents contents) {
    return of(run, contents, null);
  }

  private static RunAnswer of(
      RunState run, Contents contents, @Nullable List<EpochContents> epochs) {
    RunSettings settings = run.settings();
    return new RunAnswer(
        run.run(),
        run.dataset(),
        settings.reward().code(),
        settings.effectiveCorrectAt(),
        settings.rewardMax(),
        settings.missing().code(),
        settings.batchesPerEpoch(),
        settings.closedDataset(),
        new TreeMap<>(settings.tags()),
        run.finished() ? "finished" : "running",
        run.attempt(),
        run.revision(),
        contents.samples(),
        contents.rollouts(),
        contents.aboveMax(),
        run.createdAt(),
        run.lastWriteAt(),
        epochs);
  }
}
