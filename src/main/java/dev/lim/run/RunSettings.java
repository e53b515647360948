package dev.lim.run;

import dev.lim.scoring.MissingRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run's rewards are read.
 *
 * @param correctAt the reward from which a rollout counts as solved; null: {@code rewardMax}
 * @param rewardMax the highest possible reward, R
 * @param batchesPerEpoch how many batches make an epoch complete; null: that is not known
 * @param closedDataset whether samples that the dataset does not know are refused
 */
public record RunSettings(
    RewardKind reward,
    @Nullable Float correctAt,
    float rewardMax,
    MissingRule missing,
    @Nullable Integer batchesPerEpoch,
    boolean closedDataset,
    Map<String, String> tags) {

  public static final RunSettings DEFAULT =
      new RunSettings(RewardKind.MEAN, null, 1, MissingRule.BACKFILL, null, false, Map.of());

  public RunSettings {
    tags = Map.copyOf(tags);
  }

  /** {@code correctAt}, its default filled in. */
  public float effectiveCorrectAt() {
    return correctAt == null ? rewardMax : correctAt;
  }

  RunSettings withTags(Map<String, String> others) {
    return new RunSettings(
        reward, correctAt, rewardMax, missing, batchesPerEpoch, closedDataset, others);
  }

  /** One text for all settings that mean the same, tags aside. */
  String canonical(String dataset) {
    return "{\"dataset\":\"%s\",\"reward\":\"%s\",\"correctAt\":%s,\"rewardMax\":%s,\"missing\":\"%s\",\"batchesPerEpoch\":%s,\"closedDataset\":%s}"
        .formatted(
            dataset,
            reward.code(),
            effectiveCorrectAt(),
            rewardMax,
            missing.code(),
            batchesPerEpoch,
            closedDataset);
  }
}
