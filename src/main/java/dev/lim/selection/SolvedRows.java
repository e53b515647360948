package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.selection.Scored.Solved;
import java.util.Arrays;

/**
 * By row, whether a sample was solved in some epochs, really observed: two bits, for a rollout that
 * solved it and one that did not. Not thread-safe while epochs are added.
 */
final class SolvedRows {

  private static final int SOLVED = 1;
  private static final int FAILED = 2;

  private final byte[] seen;

  SolvedRows(int rows) {
    this(new byte[rows]);
  }

  private SolvedRows(byte[] seen) {
    this.seen = seen;
  }

  /** Takes one more epoch into account. */
  void add(EpochColumn column) {
    for (int row = 0; row < column.length(); row++) {
      int solved = column.solved(row);
      seen[row] |=
          (byte) ((solved > 0 ? SOLVED : 0) | (solved < column.rollouts(row) ? FAILED : 0));
    }
  }

  SolvedRows copy() {
    return new SolvedRows(Arrays.copyOf(seen, seen.length));
  }

  Solved of(int row) {
    return (seen[row] & SOLVED) == 0
        ? Solved.NEVER
        : (seen[row] & FAILED) != 0 ? Solved.SOMETIMES : Solved.ALWAYS;
  }
}
