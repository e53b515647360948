package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.scoring.Ranking;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Prioritized Level Replay: probabilities from the ranks of another strategy's scores, mixed with
 * how long ago a sample was last seen. The score is the probability.
 *
 * <p>A sample's staleness counts the chosen epochs with rewards since it was last observed. Where
 * nobody is stale, ranks alone decide.
 */
@Component
class Plr implements Strategy {

  private static final String OVER = "over";

  private final ObjectProvider<Strategy> strategies;

  Plr(ObjectProvider<Strategy> strategies) {
    this.strategies = strategies;
  }

  /** Weights, and the scores that they were made from. */
  private record Replay(Scores over, double[] scores) implements Scores {

    @Override
    public int scored() {
      return over.scored();
    }

    @Override
    public boolean undefined() {
      return over.undefined();
    }

    @Override
    public double[] averages() {
      return over.averages();
    }
  }

  @Override
  public String name() {
    return "plr";
  }

  @Override
  public Description description() {
    List<String> others =
        strategies.stream()
            .map(Strategy::name)
            .filter(each -> !each.equals(name()))
            .sorted()
            .toList();
    return new Description(
        name(),
        "Turns another strategy's ranking into weights for draws: the best rank is drawn most, and what was not seen for"
            + " long comes back. Use it to draw by a strategy whose scores are no weights, such as lim.",
        "w_i = (1 - staleness) * h_i / sum h + staleness * c_i / sum c; h_i = rank_i^(-1 / temperature), c_i the epochs"
            + " since i was last observed",
        List.of(
            StrategyParameter.choice(
                OVER,
                "lim",
                others,
                "The strategy that ranks, with the defaults of its parameters"),
            StrategyParameter.number(
                    "temperature", 0.1, "The lower, the more the best ranks are preferred")
                .least(0.01)
                .most(1000),
            StrategyParameter.number("staleness", 0.1, "The share that staleness has in the weight")
                .least(0)
                .most(1),
            StrategyParameter.seed()),
        List.of(),
        "Prioritized Level Replay, arXiv 2010.03934, section 3; github.com/facebookresearch/level-replay,"
            + " level_replay/level_sampler.py");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Strategy strategy =
        strategies.stream()
            .filter(each -> each.name().equals(own.choice(OVER)))
            .findFirst()
            .orElseThrow();
    Scores over =
        strategy.score(
            chosen, ofOver(strategy, own), before instanceof Replay replay ? replay.over : null);
    double[] scores =
        weights(over, chosen, -1 / own.number("temperature"), own.number("staleness"));
    return new Replay(over, scores);
  }

  private static OwnParameters ofOver(Strategy strategy, OwnParameters own) {
    return OwnParameters.defaults(strategy.description().parameters())
        .withSeed(own.integer(StrategyParameter.SEED));
  }

  private static double[] weights(Scores over, Chosen chosen, double exponent, double staleness) {
    int rows = chosen.matrix().rows();
    double[] weights = new double[rows];
    Arrays.fill(weights, Double.NaN);
    int[] ranked = Ranking.of(over.scores(), rows, idRank(chosen)).rows();
    double[] byRank = new double[ranked.length];
    double sum = 0;
    for (int i = 0; i < ranked.length; i++) {
      // 1 for the best, so that from where on it underflows all are 0.
      byRank[i] = i > 0 && byRank[i - 1] == 0 ? 0 : StrictMath.pow(i + 1.0, exponent);
      sum += byRank[i];
    }
    int[] stale = staleness > 0 ? staleness(chosen) : new int[rows];
    long sumStale = 0;
    for (int row : ranked) {
      sumStale += stale[row];
    }
    for (int i = 0; i < ranked.length; i++) {
      int row = ranked[i];
      double byScore = byRank[i] / sum;
      weights[row] =
          sumStale == 0 ? byScore : (1 - staleness) * byScore + staleness * stale[row] / sumStale;
    }
    return weights;
  }

  private static int[] idRank(Chosen chosen) {
    int[] ranks = chosen.ids().ranks();
    int[] byRow = new int[chosen.matrix().rows()];
    for (int row = 0; row < byRow.length; row++) {
      byRow[row] = ranks[chosen.matrix().ordinal(row)];
    }
    return byRow;
  }

  /**
   * By row, how many of the chosen epochs with rewards came after the last that it was observed in.
   */
  private static int[] staleness(Chosen chosen) {
    int epochs = chosen.epochs().size();
    int[] stale = new int[chosen.matrix().rows()];
    Arrays.fill(stale, epochs);
    for (int k = 0; k < epochs; k++) {
      EpochColumn column = chosen.column(chosen.epochs().get(k));
      int length = Math.min(stale.length, column.length());
      for (int row = 0; row < length; row++) {
        stale[row] = column.rollouts(row) > 0 ? epochs - 1 - k : stale[row];
      }
    }
    return stale;
  }
}
