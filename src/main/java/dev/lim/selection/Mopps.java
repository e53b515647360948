package dev.lim.selection;

import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * MoPPS: a draw from what is believed of each sample's chance to be solved, and the nearest to the
 * target first (Thompson sampling). Epochs in which a sample was not observed change nothing for
 * it.
 */
@Component
class Mopps implements Strategy {

  /** Keeps its chance apart from that of others who use the same seed. */
  private static final long PURPOSE = 0x6d6f707073L;

  private static final List<StrategyParameter> PARAMETERS =
      List.of(
          BetaPosteriors.target(),
          StrategyParameter.number(
                  "keep",
                  0.5,
                  "How much of what was known stays when a sample is seen again; 1 forgets nothing")
              .least(0)
              .most(1),
          BetaPosteriors.prior(BetaPosteriors.PRIOR_SOLVED, "solved"),
          BetaPosteriors.prior(BetaPosteriors.PRIOR_UNSOLVED, "unsolved"),
          StrategyParameter.seed());

  @Override
  public String name() {
    return "mopps";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how near a draw from the belief about their solve rate comes to the target, so that those seen"
            + " seldom get their chance. MoPPS trains on the best of these: ask for the subset with top, and another seed"
            + " at each step. In draws, nearness is the weight.",
        "s_i = -|t_i - target|, t_i ~ Beta(a_i, b_i); where observed, a_i = keep*a_i + (1-keep)*priorSolved + solved"
            + " rollouts, b_i likewise; weight 1 - |t_i - target| / max(target, 1 - target)",
        PARAMETERS,
        List.of(),
        "MoPPS, arXiv 2507.04632; github.com/thu-rllab/MoPPS");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.observed(before);
    long seed = Chance.bits(own.integer(StrategyParameter.SEED), PURPOSE);
    return BetaPosteriors.nearest(
        histories,
        chosen,
        BetaPosteriors.rule(own, own.number("keep"), false),
        own.number(BetaPosteriors.TARGET),
        (row, a, b) -> Variates.beta(new Chance(seed, chosen.idHash(row)), a, b));
  }
}
