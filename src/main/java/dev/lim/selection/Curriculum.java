package dev.lim.selection;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Easy first. */
@Component
class Curriculum implements Strategy {

  @Override
  public String name() {
    return "curriculum";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples from easy to hard. Use it early in training, with a fraction that"
            + " grows from one stage to the next. The always solved come first, and teach nothing:"
            + " solved=some drops them, and the never solved.",
        "s_i = p_i = solved rollouts / rollouts in the chosen epochs",
        List.of(),
        List.of(),
        "Curriculum sampling in Kimi k1.5: Scaling Reinforcement Learning with LLMs, arXiv"
            + " 2501.12599");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    return Rollouts.score(chosen, before, true, (rollouts, solved) -> solved / rollouts);
  }
}
