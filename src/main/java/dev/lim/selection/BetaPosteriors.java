package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.scoring.Histories;
import java.util.Arrays;

/**
 * What the rollouts of the chosen epochs say of the chance that a sample is solved: a Beta
 * distribution a sample, which forgets.
 *
 * <pre>
 *   a_i = keep * a_i + (1 - keep) * a_0 + solved rollouts
 *   b_i = keep * b_i + (1 - keep) * b_0 + unsolved rollouts
 * </pre>
 *
 * <p>from {@code a_0, b_0}, epoch after epoch. {@code keep} 1 forgets nothing, 0 all but the latest
 * epoch.
 */
final class BetaPosteriors {

  /**
   * @param keep how much of what was known stays, in each epoch
   * @param priorSolved a_0
   * @param priorUnsolved b_0
   * @param absentForgets whether an epoch without rollouts of a sample makes it forget, too
   */
  record Rule(double keep, double priorSolved, double priorUnsolved, boolean absentForgets) {}

  /** Scores a row by its posterior, or leaves it unscored by NaN. */
  interface Score {
    double of(int row, double a, double b);
  }

  static final String PRIOR_SOLVED = "priorSolved";
  static final String PRIOR_UNSOLVED = "priorUnsolved";
  static final String TARGET = "target";

  private BetaPosteriors() {}

  static StrategyParameter target() {
    return StrategyParameter.number(TARGET, 0.5, "The chance to be solved that is sought")
        .least(0)
        .most(1);
  }

  static StrategyParameter prior(String name, String what) {
    return StrategyParameter.number(
            name, 1, "How many " + what + " rollouts a sample counts with before its first")
        .least(0.1)
        .most(1000);
  }

  /** Nearness to the target as a weight: 1 at the target, 0 as far from it as can be. */
  static double weight(double score, double target) {
    return 1 + score / Math.max(target, 1 - target);
  }

  /**
   * The scores by row, NaN for those that the histories do not score.
   *
   * @param histories over observed rewards of the chosen epochs
   */
  static double[] scores(Histories histories, Chosen chosen, Rule rule, Score score) {
    double[] solved = new double[histories.rows()];
    double[] unsolved = new double[histories.rows()];
    double[] scores = new double[histories.rows()];
    Arrays.fill(scores, Double.NaN);
    EpochColumn[] columns =
        chosen.epochs().stream().map(chosen::column).toArray(EpochColumn[]::new);
    histories.forEach((k, _, _, begin, end) -> {
      if (k == 0) {
        Arrays.fill(solved, begin, end, rule.priorSolved);
        Arrays.fill(unsolved, begin, end, rule.priorUnsolved);
      }
      fold(columns[k], rule, solved, unsolved, begin, end);
      for (int row = begin; row < end && k == columns.length - 1; row++) {
        if (histories.isScored(row)) {
          scores[row] = score.of(row, solved[row], unsolved[row]);
        }
      }
    });
    return scores;
  }

  private static void fold(
      EpochColumn column, Rule rule, double[] solved, double[] unsolved, int begin, int end) {
    double keep = rule.keep;
    double solvedAgain = (1 - keep) * rule.priorSolved;
    double unsolvedAgain = (1 - keep) * rule.priorUnsolved;
    for (int row = begin; row < end; row++) {
      int rollouts = column.rollouts(row);
      if (rollouts > 0 || rule.absentForgets) {
        int successes = column.solved(row);
        solved[row] = keep * solved[row] + solvedAgain + successes;
        unsolved[row] = keep * unsolved[row] + unsolvedAgain + (rollouts - successes);
      }
    }
  }

  /**
   * Draws from a Beta distribution: X / (X + Y) of two Gamma variates.
   *
   * @param a above 0
   * @param b above 0
   */
  static double draw(Chance chance, double a, double b) {
    double x = gamma(chance, a);
    double y = gamma(chance, b);
    return x / (x + y);
  }

  /**
   * Draws from a Gamma distribution of scale 1 (Marsaglia, Tsang: A Simple Method for Generating
   * Gamma Variables, 2000, with its remark on shapes below 1). Only operations that give the same
   * bits on every machine.
   */
  private static double gamma(Chance chance, double shape) {
    if (shape < 1) {
      return gamma(chance, shape + 1) * StrictMath.pow(open(chance), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = normal(chance);
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        double u = open(chance);
        double square = x * x;
        if (u < 1 - 0.0331 * square * square
            || StrictMath.log(u) < 0.5 * square + d * (1 - v + StrictMath.log(v))) {
          return d * v;
        }
      }
    }
  }

  /** The polar method of Marsaglia and Bray, 1964. */
  private static double normal(Chance chance) {
    while (true) {
      double x = 2 * chance.nextUniform() - 1;
      double y = 2 * chance.nextUniform() - 1;
      double s = x * x + y * y;
      if (s < 1 && s > 0) {
        return x * Math.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /** Uniform in (0, 1). */
  private static double open(Chance chance) {
    return chance.nextUniform() + 0x1p-54;
  }
}
