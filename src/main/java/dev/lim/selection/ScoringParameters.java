package dev.lim.selection;

import dev.lim.run.RewardKind;
import dev.lim.run.RunSettings;
import dev.lim.scoring.MissingRule;
import dev.lim.web.Limits;
import dev.lim.web.Query;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of every call that scores, as given; null stands for the run's setting.
 *
 * @param own those of the strategy's own
 */
public record ScoringParameters(
    String strategy,
    OwnParameters own,
    @Nullable RewardKind reward,
    @Nullable Float correctAt,
    @Nullable Float rewardMax,
    @Nullable MissingRule missing,
    int minEpochs,
    @Nullable Integer from,
    @Nullable Integer through) {

  private static final String DEFAULT_STRATEGY = "lim";

  private static final int DEFAULT_MIN_EPOCHS = 1;

  /** As they are where none is given. */
  static ScoringParameters defaults(Strategies strategies) {
    OwnParameters own =
        OwnParameters.defaults(strategies.get(DEFAULT_STRATEGY).description().parameters());
    return new ScoringParameters(
        DEFAULT_STRATEGY, own, null, null, null, null, DEFAULT_MIN_EPOCHS, null, null);
  }

  /** Reads them from a query; what is wrong is rejected there. */
  public static ScoringParameters of(Query query, Limits limits, Strategies strategies) {
    String strategy = strategy(query, "strategy", DEFAULT_STRATEGY, strategies);
    OwnParameters own = own(query, "", strategies.get(strategy));
    Optional<RewardKind> reward = query.choice("reward", RewardKind::of, RewardKind.codes());
    Optional<MissingRule> missing = query.choice("missing", MissingRule::of, MissingRule.codes());
    OptionalInt minEpochs = query.whole("minEpochs", 1, limits.epochs());
    OptionalInt from = query.whole("from", 1, limits.epochs());
    OptionalInt through = query.whole("through", 1, limits.epochs());
    if (from.isPresent() && through.isPresent() && from.getAsInt() > through.getAsInt()) {
      query.reject("through", "must not be before from");
    }
    return new ScoringParameters(
        strategy,
        own,
        reward.orElse(null),
        query.float32("correctAt").orElse(null),
        query.float32("rewardMax").orElse(null),
        missing.orElse(null),
        minEpochs.orElse(DEFAULT_MIN_EPOCHS),
        from.isPresent() ? from.getAsInt() : null,
        through.isPresent() ? through.getAsInt() : null);
  }

  /**
   * The same for another strategy of the same request, named by {@code otherStrategy}, this one
   * where it is absent; its own parameters are read with the prefix {@code other.}, as in {@code
   * other.lo}. A seed that is not given with the prefix is that without.
   */
  public ScoringParameters other(Query query, Strategies strategies) {
    String other = strategy(query, "otherStrategy", strategy, strategies);
    OwnParameters others = own(query, "other.", strategies.get(other));
    return new ScoringParameters(
        other, others, reward, correctAt, rewardMax, missing, minEpochs, from, through);
  }

  private static OwnParameters own(Query query, String prefix, Strategy strategy) {
    OwnParameters own = OwnParameters.of(query, prefix, strategy.description().parameters());
    strategy.check(own, (name, detail) -> query.reject(prefix + name, detail));
    return own;
  }

  /** The same with this seed, where the strategy has one. */
  ScoringParameters withSeed(long seed) {
    return new ScoringParameters(
        strategy,
        own.withSeed(seed),
        reward,
        correctAt,
        rewardMax,
        missing,
        minEpochs,
        from,
        through);
  }

  private static String strategy(
      Query query, String name, String otherwise, Strategies strategies) {
    String strategy = query.text(name).orElse(otherwise);
    if (strategies.has(strategy)) {
      return strategy;
    }
    query.reject(name, "must be one of " + strategies.names());
    return otherwise;
  }

  RewardKind reward(RunSettings settings) {
    return reward == null ? settings.reward() : reward;
  }

  MissingRule missing(RunSettings settings) {
    return missing == null ? settings.missing() : missing;
  }

  float rewardMax(RunSettings settings) {
    return rewardMax == null ? settings.rewardMax() : rewardMax;
  }

  /**
   * The reward from which a rollout counts as solved: as given, else the run's, else the highest
   * possible.
   */
  float correctAt(RunSettings settings) {
    if (correctAt != null) {
      return correctAt;
    }
    Float ofRun = settings.correctAt();
    return ofRun == null ? rewardMax(settings) : ofRun;
  }

  /** R: 1 for the share of solved rollouts, else the highest possible reward. */
  double highest(RunSettings settings) {
    return reward(settings) == RewardKind.ACCURACY ? 1 : rewardMax(settings);
  }
}
