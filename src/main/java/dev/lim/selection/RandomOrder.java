package dev.lim.selection;

import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The baseline that every rule has to beat: samples in an order that knows nothing of rewards. */
@Component
class RandomOrder implements Strategy {

  @Override
  public String name() {
    return "random";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "The baseline that any other rule has to beat: a uniform choice among the samples that lim would score. Use it"
            + " with the same top or fraction as the rule that you want to judge, and with several seeds.",
        "s_i = u(seed, id_i), uniform in [0, 1)",
        List.of(StrategyParameter.seed()),
        List.of(),
        "RAND in LIMR: Less is More for RL Scaling, arXiv 2502.11886, section 2.3");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.histories(before);
    if (before instanceof RowScores known && known.histories() == histories) {
      return known;
    }
    long seed = own.integer(StrategyParameter.SEED);
    double[] scores =
        histories.scores(row -> Chance.uniform(Chance.bits(seed, chosen.idHash(row))));
    return RowScores.of(histories, scores, _ -> 1);
  }
}
