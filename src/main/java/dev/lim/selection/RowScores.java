package dev.lim.selection;

import dev.lim.scoring.Histories;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Scores by row of a rule other than LIM, with the histories that averages are of. Averages are
 * computed when they are first asked for. Thread-safe, and to its users immutable.
 */
final class RowScores implements Strategy.Scores {

  private final Histories histories;
  private final double[] scores;
  private final int scored;
  private final @Nullable IntToDoubleFunction weight;
  private final @Nullable Rollouts rollouts;
  private double @Nullable [] averages;

  private RowScores(
      Histories histories,
      double[] scores,
      @Nullable IntToDoubleFunction weight,
      @Nullable Rollouts rollouts) {
    this.rollouts = rollouts;
    this.histories = histories;
    this.scores = scores;
    this.weight = weight;
    int count = 0;
    for (double score : scores) {
      count += Double.isNaN(score) ? 0 : 1;
    }
    this.scored = count;
  }

  /** Of which the positive ones are weights. */
  static RowScores of(Histories histories, double[] scores) {
    return new RowScores(histories, scores, null, null);
  }

  /** With weights of their own, asked for by rows that have a score. */
  static RowScores of(Histories histories, double[] scores, IntToDoubleFunction weight) {
    return new RowScores(histories, scores, weight, null);
  }

  /** The same, with what they were made from, for the next answer to begin from. */
  RowScores with(Rollouts from) {
    return new RowScores(histories, scores, weight, from);
  }

  @Nullable Rollouts rollouts() {
    return rollouts;
  }

  Histories histories() {
    return histories;
  }

  @Override
  public double[] scores() {
    return scores;
  }

  @Override
  public int scored() {
    return scored;
  }

  @Override
  public double weight(int row) {
    if (weight == null) {
      return Strategy.Scores.super.weight(row);
    }
    return Double.isNaN(scores[row]) ? 0 : weight.applyAsDouble(row);
  }

  @Override
  public synchronized double[] averages() {
    double[] known = averages;
    if (known == null) {
      known = histories.averages(scores);
      averages = known;
    }
    return known;
  }
}
