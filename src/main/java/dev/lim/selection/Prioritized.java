package dev.lim.selection;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** More of what fails more often. */
@Component
class Prioritized implements Strategy {

  @Override
  public String name() {
    return "prioritized";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Weighs samples by how often their rollouts fail. Use it for draws once the easy half"
            + " is learned. Beware: the never solved get the highest weight of all; combine it with"
            + " solved=some, or take pass-rate or learnability, where some may be unsolvable.",
        "s_i = 1 - p_i; p_i = solved rollouts / rollouts in the chosen epochs",
        List.of(),
        List.of(),
        "Prioritized sampling in Kimi k1.5: Scaling Reinforcement Learning with LLMs, arXiv"
            + " 2501.12599");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    return Rollouts.score(chosen, before, true, (rollouts, solved) -> 1 - solved / rollouts);
  }
}
