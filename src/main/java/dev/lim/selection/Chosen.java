package dev.lim.selection;

import dev.lim.dataset.SampleIds;
import dev.lim.reward.EpochColumn;
import dev.lim.reward.RewardMatrix;
import dev.lim.run.RewardKind;
import dev.lim.scoring.Alignment;
import dev.lim.scoring.Column;
import dev.lim.scoring.Histories;
import dev.lim.scoring.MissingRule;
import dev.lim.scoring.RowBlocks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a strategy scores: the epochs of a matrix that were chosen, and how their rewards are read.
 * Immutable.
 *
 * @param from the first chosen epoch
 * @param through the last chosen epoch; 0 where the run has no rewards
 * @param epochs those of the chosen epochs with rewards in force, ascending
 * @param empty those without
 * @param rule the highest reward, and what becomes of absent ones
 * @param ids of the dataset's samples, by ordinal
 */
public record Chosen(
    RewardMatrix matrix,
    int from,
    int through,
    List<Integer> epochs,
    List<Integer> empty,
    RewardKind reward,
    Alignment.Rule rule,
    SampleIds ids) {

  /** r_i^k by chosen epoch with rewards and row, as float32; NaN where not observed. */
  public List<Column> columns() {
    return epochs.stream().map(epoch -> column(epoch).rewards(reward)).toList();
  }

  /**
   * The histories of those whom the missing rule scores, over rewards that it fills in, as LIM
   * takes them.
   *
   * @param before what was answered before, to begin from; or null
   */
  Histories histories(Strategy.@Nullable Scores before) {
    return histories(rule, before);
  }

  /**
   * The same over really observed rewards only, of those who have any; under {@code
   * missing=observed} in at least {@code minEpochs} of the epochs.
   */
  Histories observed(Strategy.@Nullable Scores before) {
    int least = rule.missing() == MissingRule.OBSERVED ? rule.minEpochs() : 1;
    return histories(new Alignment.Rule(rule.highest(), MissingRule.OBSERVED, least), before);
  }

  private Histories histories(Alignment.Rule by, Strategy.@Nullable Scores before) {
    return before instanceof RowScores known
        ? known.histories().advance(columns(), matrix.rows(), by)
        : Histories.of(columns(), matrix.rows(), by);
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
        rule,
        ids);
  }

  /** The same choice of other rewards of the same rows. */
  Chosen over(RewardMatrix other) {
    return new Chosen(other, from, through, epochs, empty, reward, rule, ids);
  }

  /**
   * A number that stands for a row's sample: a hash of its id's UTF-8, the same on every instance,
   * whatever the sample's row or ordinal.
   */
  public long idHash(int row) {
    return ids.hash64(matrix.ordinal(row));
  }

  /** By row, a number that orders samples as the bytes of their ids do. */
  int[] idRank() {
    int[] ranks = ids.ranks();
    int[] byRow = new int[matrix.rows()];
    RowBlocks.forEach(
        byRow.length,
        (begin, end) -> {
          for (int row = begin; row < end; row++) {
            byRow[row] = ranks[matrix.ordinal(row)];
          }
        });
    return byRow;
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
