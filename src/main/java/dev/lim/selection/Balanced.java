package dev.lim.selection;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How near a sample is to a target pass rate. */
@Component
class Balanced implements Strategy {

  private static final String TARGET = "target";

  @Override
  public String name() {
    return "balanced";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how near their pass rate is to a target: 1 there, 0 as far from it"
            + " as can be. Use it with a target of 0.5 for the most informative comparisons, with a"
            + " lower one to train on what is harder than that.",
        "s_i = 1 - |p_i - target| / max(target, 1 - target); p_i = solved rollouts / rollouts"
            + " in the chosen epochs",
        List.of(
            StrategyParameter.number(TARGET, 0.5, "The pass rate that is wanted").least(0).most(1)),
        List.of(),
        "Target success rates as in BOTS, arXiv 2510.26374, and MoPPS, arXiv 2507.04632, on"
            + " plain frequencies");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    double target = own.number(TARGET);
    double farthest = Math.max(target, 1 - target);
    return Rollouts.score(
        chosen,
        before,
        true,
        (rollouts, solved) -> 1 - Math.abs(solved / rollouts - target) / farthest);
  }
}
