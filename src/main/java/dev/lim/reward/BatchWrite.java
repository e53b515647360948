package dev.lim.reward;

import org.jspecify.annotations.Nullable;

/**
 * A batch as it was sent, and where it goes.
 *
 * @param key {@link RewardLog#WHOLE} for a whole epoch
 * @param replaces whether other content under the same key is replaced; else it is refused
 */
record BatchWrite(
    int epoch, String key, @Nullable Long step, boolean replaces, ParsedBatch content) {}
