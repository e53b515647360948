package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.reward.EpochColumn.RowValues;
import dev.lim.scoring.Histories;
import dev.lim.scoring.RowBlocks;
import java.util.Arrays;
import java.util.List;

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

  /** A number for a row by its posterior. */
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

  /** The rule with the priors that a strategy's own parameters say. */
  static Rule rule(OwnParameters own, double keep, boolean absentForgets) {
    return new Rule(keep, own.number(PRIOR_SOLVED), own.number(PRIOR_UNSOLVED), absentForgets);
  }

  /**
   * Scores by how near a rate is to the target, 0 the nearest. The weight is 1 there, and 0 as far
   * from it as can be.
   *
   * @param histories over observed rewards of the chosen epochs
   * @param rate of a row, by its posterior
   */
  static Strategy.Scores nearest(
      Histories histories, Chosen chosen, Rule rule, double target, Score rate) {
    double[] scores =
        scores(histories, chosen, rule, (row, a, b) -> -Math.abs(rate.of(row, a, b) - target));
    double farthest = Math.max(target, 1 - target);
    return RowScores.of(histories, scores, row -> 1 + scores[row] / farthest);
  }

  private static double[] scores(Histories histories, Chosen chosen, Rule rule, Score score) {
    List<RowValues> visits =
        chosen.epochs().stream().map(epoch -> visit(chosen.column(epoch), rule)).toList();
    double[] scores = new double[histories.rows()];
    RowBlocks.forEach(
        scores.length,
        (begin, end) -> {
          Beliefs beliefs = new Beliefs(rule, end - begin);
          visits.forEach(visit -> beliefs.add(visit, begin, end));
          for (int row = begin; row < end; row++) {
            scores[row] =
                histories.isScored(row)
                    ? score.of(row, beliefs.solved[row - begin], beliefs.unsolved[row - begin])
                    : Double.NaN;
          }
        });
    return scores;
  }

  /** By what an epoch multiplies a and b of each row, what it adds to a, and what to b. */
  private static RowValues visit(EpochColumn column, Rule rule) {
    double keep = rule.keep;
    return column.values(
        (rollouts, _) -> rollouts > 0 || rule.absentForgets ? keep : 1,
        (rollouts, solved) ->
            rollouts > 0 || rule.absentForgets ? (1 - keep) * rule.priorSolved + solved : 0,
        (rollouts, solved) ->
            rollouts > 0 || rule.absentForgets
                ? (1 - keep) * rule.priorUnsolved + (rollouts - solved)
                : 0);
  }

  /** a and b of the rows of a block. */
  private static final class Beliefs {

    private final double[] solved;
    private final double[] unsolved;
    private final int[] places;

    Beliefs(Rule rule, int rows) {
      solved = new double[rows];
      unsolved = new double[rows];
      places = new int[rows];
      Arrays.fill(solved, rule.priorSolved);
      Arrays.fill(unsolved, rule.priorUnsolved);
    }

    void add(RowValues visit, int begin, int end) {
      visit.places(begin, end, places);
      double[][] tables = visit.tables(begin, end);
      double[] factors = tables[0];
      double[] ofSolved = tables[1];
      double[] ofUnsolved = tables[2];
      for (int i = 0; i < places.length; i++) {
        int place = places[i];
        double factor = factors[place];
        solved[i] = solved[i] * factor + ofSolved[place];
        unsolved[i] = unsolved[i] * factor + ofUnsolved[place];
      }
    }
  }
}
