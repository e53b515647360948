package dev.lim.reward;

import dev.lim.dataset.SampleIds;
import org.jspecify.annotations.Nullable;

/**
 * A batch as the log keeps it.
 *
 * @param key {@link RewardLog#WHOLE} for a whole epoch
 * @param replaces whether other content under the same key is replaced; else it is refused
 * @param digest of the content, see {@link Rewards#digest}
 * @param packed the content, see {@link RewardCodec}
 */
record PackedBatch(
    int epoch,
    String key,
    @Nullable Long step,
    boolean replaces,
    int samples,
    int rollouts,
    byte[] digest,
    byte[] packed) {

  /** Packs a batch whose samples have all been registered. */
  static PackedBatch of(BatchWrite write, SampleIds ids) {
    Rewards rewards = write.content().resolve(ids);
    return new PackedBatch(
        write.epoch(),
        write.key(),
        write.step(),
        write.replaces(),
        rewards.samples(),
        rewards.values().length,
        rewards.digest(write.step()),
        RewardCodec.pack(rewards));
  }

  boolean isWhole() {
    return key.equals(RewardLog.WHOLE);
  }
}
