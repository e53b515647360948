package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.scoring.Ranking;
import dev.lim.scoring.RowBlocks;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
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

  /** Primes, from the largest; every number beyond has one of them as factor, or none. */
  private static final int[] FACTORS = {7, 5, 3, 2};

  private static final int NO_FACTOR = 8;

  /** The least of these factors of a number, by its remainder. */
  private static final byte[] LEAST_FACTOR = new byte[2 * 3 * 5 * 7];

  static {
    Arrays.fill(LEAST_FACTOR, (byte) NO_FACTOR);
    for (int factor : FACTORS) {
      for (int multiple = 0; multiple < LEAST_FACTOR.length; multiple += factor) {
        LEAST_FACTOR[multiple] = (byte) factor;
      }
    }
  }

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
        "Prioritized Level Replay, arXiv 2010.03934; github.com/facebookresearch/level-replay,"
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
    double[] weights = new double[chosen.matrix().rows()];
    Arrays.fill(weights, Double.NaN);
    int[] ranked = Ranking.of(over.scores(), weights.length, chosen.idRank()).rows();
    double[] byRank = powers(ranked.length, exponent);
    double sum = 0;
    for (double each : byRank) {
      sum += each;
    }
    double sumByRank = sum;
    EpochColumn[] columns =
        chosen.epochs().stream().map(chosen::column).toArray(EpochColumn[]::new);
    long sumStale = staleness > 0 ? sumStale(columns, over.scores()) : 0;
    RowBlocks.forEach(
        ranked.length,
        (begin, end) -> {
          for (int i = begin; i < end; i++) {
            double byScore = byRank[i + 1] / sumByRank;
            weights[ranked[i]] =
                sumStale == 0
                    ? byScore
                    : (1 - staleness) * byScore + staleness * stale(columns, ranked[i]) / sumStale;
          }
        });
    return weights;
  }

  /**
   * By rank, from 1, its power. One of another is a logarithm and an exponential; that of a product
   * is the product of the powers, within some units in the last place.
   */
  private static double[] powers(int ranks, double exponent) {
    double[] powers = new double[ranks + 1];
    RowBlocks.forEach(
        powers.length,
        (begin, end) -> {
          for (int rank = begin; rank < end; rank++) {
            if (LEAST_FACTOR[rank % LEAST_FACTOR.length] == NO_FACTOR || rank < NO_FACTOR) {
              powers[rank] = rank == 0 ? 0 : StrictMath.pow(rank, exponent);
            }
          }
        });
    for (int factor : FACTORS) {
      for (int rank = Math.ceilDiv(NO_FACTOR, factor); rank <= ranks / factor; rank++) {
        if (LEAST_FACTOR[rank % LEAST_FACTOR.length] >= factor) {
          powers[factor * rank] = powers[factor] * powers[rank];
        }
      }
    }
    return powers;
  }

  /** How many of these epochs came after the last that a row was observed in. */
  private static int stale(EpochColumn[] columns, int row) {
    int k = columns.length - 1;
    while (k >= 0 && !columns[k].observed(row)) {
      k--;
    }
    return columns.length - 1 - k;
  }

  /** Over the rows that have a score. */
  private static long sumStale(EpochColumn[] columns, double[] scores) {
    LongAdder sum = new LongAdder();
    RowBlocks.forEach(
        scores.length,
        (begin, end) -> {
          long block = 0;
          for (int row = begin; row < end; row++) {
            block += Double.isNaN(scores[row]) ? 0 : stale(columns, row);
          }
          sum.add(block);
        });
    return sum.sum();
  }
}
