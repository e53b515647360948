package dev.lim.selection;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How much there is to learn from a sample: the variance of a rollout's success. */
@Component
class Learnability implements Strategy {

  @Override
  public String name() {
    return "learnability";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Weighs samples by the chance that two rollouts differ: most at a pass rate of one"
            + " half, nothing where all fail or all succeed. Use it for draws, or with top to train"
            + " at the frontier; over late epochs (from) it follows what the model can do now.",
        "s_i = p_i (1 - p_i); p_i = solved rollouts / rollouts in the chosen epochs",
        List.of(),
        List.of(),
        "LILO: Learning to Reason at the Frontier of Learnability, arXiv 2502.12272; the"
            + " score is that of No Regrets, arXiv 2408.15099; SPEED, arXiv 2506.09016");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    return Rollouts.score(
        chosen, before, true, (rollouts, solved) -> solved / rollouts * (1 - solved / rollouts));
  }
}
