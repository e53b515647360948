package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.reward.RewardMatrix;
import dev.lim.run.RewardKind;
import dev.lim.scoring.Alignment;
import java.util.List;

/**
 * What a strategy scores: the epochs of a matrix that were chosen, and how their rewards are read.
 * Immutable.
 *
 * @param from the first chosen epoch
 * @param through the last chosen epoch; 0 where the run has no rewards
 * @param epochs those of the chosen epochs with rewards in force, ascending
 * @param empty those without
 */
public record Chosen(
    RewardMatrix matrix,
    int from,
    int through,
    List<Integer> epochs,
    List<Integer> empty,
    RewardKind reward,
    Alignment.Rule rule) {

  /**
   * r_i^k by chosen epoch with rewards and row, as float32; NaN where not observed. Do not modify.
   */
  public List<float[]> columns() {
    return epochs.stream().map(epoch -> column(epoch).rewards(reward)).toList();
  }

  /** The same, with only the first {@code count} of the epochs with rewards. */
  Chosen first(int count) {
    int last = epochs.get(count - 1);
    return new Chosen(
        matrix,
        from,
        last,
        epochs.subList(0, count),
        empty.stream().filter(epoch -> epoch < last).toList(),
        reward,
        rule);
  }

  /** The fold of a chosen epoch with rewards. */
  public EpochColumn column(int epoch) {
    EpochColumn column = matrix.columns().get(epoch);
    if (column == null) {
      throw new IllegalArgumentException("Epoch " + epoch + " has no rewards");
    }
    return column;
  }
}
