package dev.lim.selection;

import dev.lim.scoring.Histories;
import dev.lim.scoring.Moments;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How widely a sample's reward is spread over the epochs. */
@Component
class Variance implements Strategy {

  @Override
  public String name() {
    return "variance";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how much their reward varied over the run: those that changed most,"
            + " up or down, come first. Use it where one prompt or a few are to be chosen for"
            + " training, as one-shot RLVR does. A sample that is learned in one leap scores as high"
            + " as one whose reward is all noise; the never and the always solved score 0.",
        "s_i = sqrt(1/K * sum_k (r_i^k - mean_k r_i^k)^2), a population standard deviation",
        List.of(),
        List.of(),
        "Historical variance score in Reinforcement Learning for Reasoning in Large Language"
            + " Models with One Training Example, arXiv 2504.20571;"
            + " github.com/ypwang61/One-Shot-RLVR");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.histories(before);
    return before instanceof RowScores known && known.histories() == histories
        ? known
        : RowScores.of(histories, Moments.deviations(histories));
  }
}
