package dev.lim.selection;

import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * BOTS: what is believed of each sample's chance to be solved, nearest to the target first. What
 * was known fades in every epoch, for the samples that were not observed as well. The evidence that
 * the paper infers for these needs the solve rates of two other models, which a reward log does not
 * have: here they have none, which is the paper's rule with rho = 0.
 */
@Component
class Bots implements Strategy {

  /** Keeps its chance apart from that of others who use the same seed. */
  private static final long PURPOSE = 0x626f7473L;

  private static final List<StrategyParameter> PARAMETERS =
      List.of(
          BetaPosteriors.target(),
          StrategyParameter.number(
                  "fade", 0.1, "How much of what was known is lost in each epoch; 0: nothing")
              .least(0)
              .most(1),
          BetaPosteriors.prior(BetaPosteriors.PRIOR_SOLVED, "solved"),
          BetaPosteriors.prior(BetaPosteriors.PRIOR_UNSOLVED, "unsolved"),
          StrategyParameter.flag(
              "thompson", false, "Takes a seeded draw from the belief instead of its mean"),
          StrategyParameter.seed());

  @Override
  public String name() {
    return "bots";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how near their estimated solve rate is to the target, all epochs counted, older ones less. Use"
            + " it where single epochs are noisy, few rollouts each; thompson=true explores, as mopps does.",
        "s_i = -|p_i - target|, p_i = a_i / (a_i + b_i), or a draw from Beta(a_i, b_i); in every epoch a_i = (1-fade)*a_i"
            + " + fade*priorSolved + solved rollouts, b_i likewise; weight 1 - |p_i - target| / max(target, 1 - target)",
        PARAMETERS,
        List.of(),
        "BOTS, arXiv 2510.26374; github.com/modelscope/Trinity-RFT, trinity/buffer/selector/diff_estimator.py");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.observed(before);
    boolean thompson = own.flag("thompson");
    long seed = Chance.bits(own.integer(StrategyParameter.SEED), PURPOSE);
    return BetaPosteriors.nearest(
        histories,
        chosen,
        BetaPosteriors.rule(own, 1 - own.number("fade"), true),
        own.number(BetaPosteriors.TARGET),
        (row, a, b) ->
            thompson ? Variates.beta(new Chance(seed, chosen.idHash(row)), a, b) : a / (a + b));
  }
}
