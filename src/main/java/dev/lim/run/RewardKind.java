package dev.lim.run;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the rollouts of a sample in an epoch become r_i^k. */
public enum RewardKind {
  /** The mean of the rollout rewards: the paper's formula. */
  MEAN,
  /** The share of rollouts that solved the sample; what the paper's published script computes. */
  ACCURACY;

  /** As clients write it. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All codes, for the user. */
  public static String codes() {
    return Arrays.stream(values()).map(RewardKind::code).collect(Collectors.joining(", "));
  }

  public static Optional<RewardKind> of(String code) {
    for (RewardKind kind : values()) {
      if (kind.code().equals(code)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
