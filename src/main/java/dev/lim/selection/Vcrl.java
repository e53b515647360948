package dev.lim.selection;

import dev.lim.reward.EpochColumn.RowValues;
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
            + " arXiv 2509.19803");
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
    List<RowValues> values =
        chosen.epochs().stream()
            .map(chosen::column)
            .map(column -> column.values(Vcrl::share, (rollouts, _) -> Math.min(rollouts, 1)))
            .toList();
    double[] shares = new double[histories.rows()];
    double[] groups = new double[histories.rows()];
    RowSums.add(new double[][] {shares, groups}, values);
    return RowScores.of(histories, histories.scores(row -> shares[row] / groups[row]));
  }
}
