package dev.lim.selection;

import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The variance within a sample's groups, relative to its maximum. */
@Component
class Vcrl implements Strategy {

  @Override
  public String name() {
    return "vcrl";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Weighs samples by how evenly each epoch's rollouts were split between success and"
            + " failure, 1 being an even split, averaged over the epochs. Use it as learnability is"
            + " used, where the moment counts: a sample that went from never to always solved in one"
            + " leap has learnability, but no group of it ever told right from wrong, and it scores"
            + " 0 here.",
        "s_i = mean_k var_i^k / max var; for G rollouts of which c solved, var = c (G - c) /"
            + " (G (G - 1)), at most at c = floor(G / 2); a single rollout counts 0",
        List.of(),
        List.of(),
        "VCRL: Variance-based Curriculum Reinforcement Learning for Large Language Models,"
            + " arXiv 2509.19803, section 3");
  }

  private static double share(int rollouts, int solved) {
    double most = (double) (rollouts / 2) * (rollouts - rollouts / 2);
    return most == 0 ? 0 : (double) solved * (rollouts - solved) / most;
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.observed(before);
    if (before instanceof RowScores known && known.histories() == histories) {
      return known;
    }
    double[] scores = new double[histories.rows()];
    double[] groups = new double[scores.length];
    for (int epoch : chosen.epochs()) {
      chosen.column(epoch).add(Vcrl::share, 1, scores);
      chosen.column(epoch).add((_, _) -> 1, 1, groups);
    }
    for (int row = 0; row < scores.length; row++) {
      scores[row] = histories.isScored(row) ? scores[row] / groups[row] : Double.NaN;
    }
    return RowScores.of(histories, scores);
  }
}
