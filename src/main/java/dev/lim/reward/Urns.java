package dev.lim.reward;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * All rollout rewards of a run at one revision, as urns to draw from: what another run would have
 * seen whose samples are as likely to be solved, but whose luck is another. Immutable.
 */
public final class Urns {

  private final RewardMatrix matrix;
  private final Map<Integer, UrnColumn> columns;

  Urns(RewardMatrix matrix, Map<Integer, UrnColumn> columns) {
    this.matrix = matrix;
    this.columns = columns;
  }

  /**
   * The rewards of these epochs with every cell's rollouts drawn anew from its own, by {@link
   * dev.lim.scoring.DrawTable}'s rule: with replacement, one fewer than there are.
   *
   * @param streams by row, a random stream
   */
  public RewardMatrix draw(Collection<Integer> epochs, long[] streams) {
    TreeMap<Integer, EpochColumn> drawn = new TreeMap<>();
    for (int epoch : epochs) {
      drawn.put(epoch, column(epoch).draw(streams, epoch));
    }
    return matrix.with(drawn);
  }

  /** How many of these epochs' cells have one rollout, which shows nothing of luck. */
  public long single(Collection<Integer> epochs) {
    return epochs.stream().mapToLong(epoch -> column(epoch).single()).sum();
  }

  private UrnColumn column(int epoch) {
    UrnColumn column = columns.get(epoch);
    if (column == null) {
      throw new IllegalArgumentException("Epoch " + epoch + " has no rewards");
    }
    return column;
  }

  long bytes() {
    return columns.values().stream().mapToLong(UrnColumn::bytes).sum();
  }
}
