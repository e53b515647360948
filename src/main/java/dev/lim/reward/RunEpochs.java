package dev.lim.reward;

import dev.lim.reward.RewardMatrices.Read;
import dev.lim.run.RunState;
import java.util.Map;

/**
 * Which epochs of a run are complete, and which is the latest to score by. A view of one read;
 * immutable.
 */
public final class RunEpochs {

  private final RunState state;
  private final RewardMatrix matrix;

  public RunEpochs(Read read) {
    this.state = read.state();
    this.matrix = read.matrix();
  }

  /** The latest epoch with rewards in force, or 0. */
  public int latest() {
    return matrix.columns().isEmpty() ? 0 : matrix.columns().lastKey();
  }

  /**
   * Whether an epoch with rewards is complete: it was sent whole, or closed, or all batches of it
   * are there, or a later epoch has rewards, or the run is finished. Derived from what is in force.
   */
  public boolean isComplete(int epoch) {
    EpochColumn column = matrix.columns().get(epoch);
    if (column == null) {
      return false;
    }
    Integer expected = state.settings().batchesPerEpoch();
    return column.whole()
        || state.isClosed(epoch)
        || expected != null && column.batches() >= expected
        || epoch < latest()
        || state.finished();
  }

  /**
   * The epoch to score through where none is named: the latest complete one that has at least half
   * as many samples as the fullest, so that a stray late epoch cannot empty the ranking; where none
   * is complete, the latest with that many. 0 where there are no rewards.
   */
  public int usual() {
    int fullest = matrix.columns().values().stream().mapToInt(EpochColumn::samples).max().orElse(0);
    int full = 0;
    for (Map.Entry<Integer, EpochColumn> entry : matrix.columns().descendingMap().entrySet()) {
      if (2L * entry.getValue().samples() >= fullest) {
        if (isComplete(entry.getKey())) {
          return entry.getKey();
        }
        full = Math.max(full, entry.getKey());
      }
    }
    return full;
  }
}
