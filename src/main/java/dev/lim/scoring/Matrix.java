package dev.lim.scoring;

import java.util.List;

/**
 * Reward columns {@code [epoch][row]} and the rule by which their empty cells are filled. Immutable
 * as long as its columns are.
 */
final class Matrix {

  private final float[][] columns;
  private final int rows;
  private final MissingRule missing;

  Matrix(List<float[]> columns, int rows, MissingRule missing) {
    this.columns = columns.toArray(float[][]::new);
    this.rows = rows;
    this.missing = missing;
  }

  int epochs() {
    return columns.length;
  }

  int rows() {
    return rows;
  }

  MissingRule missing() {
    return missing;
  }

  float[] column(int k) {
    return columns[k];
  }

  /** Whether columns {@code from..to} all reach to row {@code end}. */
  boolean covers(int from, int to, int end) {
    for (int k = from; k < to; k++) {
      if (columns[k].length < end) {
        return false;
      }
    }
    return true;
  }

  /** Whether a row has a value in column k. */
  boolean has(int k, int row) {
    return row < columns[k].length && !Float.isNaN(columns[k][row]);
  }

  /** The latest value of a row up to column k, included; NaN if it has none in the first. */
  float latest(int k, int row) {
    if (k < 0 || !has(0, row)) {
      return Float.NaN;
    }
    int j = k;
    while (!has(j, row)) {
      j--;
    }
    return columns[j][row];
  }

  /**
   * How many columns decide whether a row is scored: under {@link MissingRule#CARRY} the first
   * alone.
   */
  int deciding() {
    return missing == MissingRule.CARRY ? Math.min(1, columns.length) : columns.length;
  }

  /**
   * Which of the first {@code limit} columns may have other cells than in an earlier matrix of the
   * same rule. Cells depend on their column, under {@link MissingRule#BACKFILL} on the next one
   * too, and under {@link MissingRule#CARRY} on all earlier ones.
   */
  boolean[] stale(Matrix before, int limit) {
    boolean[] stale = new boolean[limit];
    boolean carried = false;
    for (int k = 0; k < limit; k++) {
      carried = missing == MissingRule.CARRY && carried || replaced(k, before);
      stale[k] = carried || missing == MissingRule.BACKFILL && replaced(k + 1, before);
    }
    return stale;
  }

  /** Whether this is the same columns as another, of the same number of rows. */
  boolean same(Matrix other) {
    boolean same = rows == other.rows && columns.length == other.columns.length;
    for (int k = 0; same && k < columns.length; k++) {
      same = columns[k] == other.columns[k];
    }
    return same;
  }

  /**
   * Whether rows {@code begin..end} have their values in the same columns as in an earlier matrix,
   * as far as these decide who is scored. False also where that takes more than a look at columns
   * that were replaced by others as long.
   */
  boolean sameAbsences(Matrix before, Kernel kernel, int begin, int end) {
    if (epochs() != before.epochs()) {
      return false;
    }
    for (int k = 0; k < deciding(); k++) {
      float[] here = columns[k];
      float[] there = before.columns[k];
      if (here != there
          && (here.length < end
              || there.length < end
              || !kernel.sameAbsences(here, there, begin, end))) {
        return false;
      }
    }
    return true;
  }

  private boolean replaced(int k, Matrix before) {
    boolean here = k < columns.length;
    boolean there = k < before.columns.length;
    return here && there ? columns[k] != before.columns[k] : here || there;
  }
}
