package dev.lim.run;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** What a run holds, as the room that keeps its rewards knows it. */
public interface RunContents {

  /**
   * @param samples those with a rollout in force: the population
   * @param rollouts in force
   * @param aboveMax rollouts in force whose reward is above {@code rewardMax}
   * @param epochs those with rewards, ascending
   */
  record Contents(int samples, long rollouts, long aboveMax, List<EpochContents> epochs) {}

  @Schema(name = "RunEpoch", description = "An epoch with rewards in force")
  record EpochContents(
      @Schema(example = "1") int epoch,
      @Schema(example = "8") int batches,
      @Schema(example = "8192") int samples,
      @Schema(example = "65536") long rollouts,
      boolean complete) {}

  /** The run as it stands now, and what it holds at that revision. */
  record Counted(RunState state, Contents contents) {}

  Counted count(String run);

  /** Removes all that is kept of the run's rewards; within the caller's transaction. */
  void remove(String run);
}
