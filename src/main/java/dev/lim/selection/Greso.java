package dev.lim.selection;

import dev.lim.scoring.Column;
import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * GRESO: a sample whose latest groups of rollouts were all solved, or all unsolved, taught nothing,
 * and is skipped the more probably the longer this has lasted. The score is the chance that it is
 * not skipped.
 *
 * <p>Counted are the epochs since the last one that was of another kind, of those in which the
 * sample was observed. A reward that is both easy and hard, where the bounds overlap, is easy.
 */
@Component
class Greso implements Strategy {

  private static final List<StrategyParameter> PARAMETERS =
      List.of(
          StrategyParameter.number(
              "easyAt", 0.98, "An epoch was easy for a sample with a reward of this or more"),
          StrategyParameter.number(
              "hardAt", 0.11, "An epoch was hard for a sample with a reward of this or less"),
          chance("easyKeep", 0.5, "easy"),
          chance("hardKeep", 0.5, "hard"),
          StrategyParameter.number("floor", 0.01, "A sample is kept with at least this chance")
              .least(0)
              .most(1));

  private static StrategyParameter chance(String name, double keep, String kind) {
    return StrategyParameter.number(
            name, keep, "By which the chance shrinks with each " + kind + " epoch in a row")
        .least(0)
        .most(1);
  }

  @Override
  public String name() {
    return "greso";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Weighs samples by the chance that GRESO would not skip them: 1 while their rollouts differ, half after an epoch"
            + " in which all of them agreed, a quarter after two in a row. Use it to save the rollouts of prompts that"
            + " are solved or hopeless, and still look at them now and then. With rewards other than 0 to 1, say"
            + " reward=accuracy.",
        "w_i = max(p^c, floor); c the latest epochs in a row with r_i^k >= easyAt (p = easyKeep), or with r_i^k <= hardAt"
            + " (p = hardKeep); w_i = 1 for c = 0",
        PARAMETERS,
        List.of(),
        "Act Only When It Pays (GRESO), arXiv 2506.02177; github.com/Infini-AI-Lab/GRESO,"
            + " verl/trainer/ttis/presampling_selector.py, with fixed p");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.observed(before);
    float easyAt = (float) own.number("easyAt");
    float hardAt = (float) own.number("hardAt");
    float[][] columns = chosen.columns().stream().map(Column::values).toArray(float[][]::new);
    double[] easy = powers(own.number("easyKeep"), own.number("floor"), columns.length);
    double[] hard = powers(own.number("hardKeep"), own.number("floor"), columns.length);
    return RowScores.of(
        histories,
        histories.scores(row -> {
          int streak = streak(columns, row, easyAt, hardAt);
          return streak >= 0 ? easy[streak] : hard[-streak];
        }));
  }

  /** Above 0: so many easy epochs up to the last; below: so many hard ones. */
  private static int streak(float[][] columns, int row, float easyAt, float hardAt) {
    int streak = 0;
    for (int k = columns.length - 1; k >= 0; k--) {
      float reward = row < columns[k].length ? columns[k][row] : Float.NaN;
      if (Float.isNaN(reward)) {
        continue;
      }
      int kind = reward >= easyAt ? 1 : reward <= hardAt ? -1 : 0;
      if (kind == 0 || streak * kind < 0) {
        return streak;
      }
      streak += kind;
    }
    return streak;
  }

  private static double[] powers(double base, double floor, int most) {
    double[] powers = new double[most + 1];
    double power = 1;
    for (int c = 0; c <= most; c++) {
      powers[c] = Math.max(power, floor);
      power *= base;
    }
    return powers;
  }
}
