package dev.lim.scoring;

import java.util.List;

/**
 * Reward columns {@code [epoch][row]} and the rule by which their empty cells are filled. Immutable
 * as long as its columns are.
 */
final class Matrix {

  private final Column[] columns;
  private final int rows;
  private final MissingRule missing;

  /**
   * Finds out what is not known yet of the columns.
   *
   * @throws IllegalArgumentException if a column is longer than there are rows
   */
  Matrix(List<Column> columns, int rows, MissingRule missing, Kernel kernel) {
    this.columns = columns.toArray(Column[]::new);
    this.rows = rows;
    this.missing = missing;
    for (Column column : columns) {
      if (column.length() > rows) {
        throw new IllegalArgumentException(
            "A column of " + column.length() + " rows, where there are " + rows);
      }
    }
    Column.summarize(columns, kernel);
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
    return columns[k].values();
  }

  /** The rows with a value in column k. */
  RowSet present(int k) {
    return columns[k].present();
  }

  /**
   * What each column's values sum up to; and for {@link Total#isExact}, what all of its cells are
   * like, its values and those that stand in for absent ones.
   */
  Total[] totals() {
    Total[] totals = new Total[columns.length];
    Total earlier = Total.NONE;
    for (int k = 0; k < columns.length; k++) {
      Total total = columns[k].total();
      if (missing == MissingRule.BACKFILL && k + 1 < columns.length) {
        total = total.beside(columns[k + 1].total());
      } else if (missing == MissingRule.CARRY) {
        total = total.beside(earlier);
        earlier = total;
      }
      totals[k] = total;
    }
    return totals;
  }

  /** Whether columns {@code from..to} all reach to row {@code end}. */
  boolean covers(int from, int to, int end) {
    for (int k = from; k < to; k++) {
      if (columns[k].length() < end) {
        return false;
      }
    }
    return true;
  }

  /** Whether a row has a value in column k. */
  boolean has(int k, int row) {
    return columns[k].present().contains(row);
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
    return column(j)[row];
  }

  /**
   * How many columns decide whether a row is scored: under {@link MissingRule#CARRY} the first
   * alone.
   */
  int deciding() {
    return missing == MissingRule.CARRY ? Math.min(1, columns.length) : columns.length;
  }

  /**
   * Which of the columns may have other cells than in an earlier matrix of the same rule. Cells
   * depend on their column, under {@link MissingRule#BACKFILL} on the next one too where somebody
   * is absent, and under {@link MissingRule#CARRY} on all earlier ones.
   */
  boolean[] stale(Matrix before) {
    boolean[] stale = new boolean[columns.length];
    boolean carried = false;
    for (int k = 0; k < stale.length; k++) {
      carried = missing == MissingRule.CARRY && carried || replaced(k, before);
      stale[k] = carried || reaches(k) && replaced(k + 1, before);
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

  /** Whether the same rows are present as in another, as far as that decides who is scored. */
  boolean samePresence(Matrix other) {
    boolean same = rows == other.rows && columns.length == other.columns.length;
    for (int k = 0; same && k < deciding(); k++) {
      same = columns[k] == other.columns[k] || present(k).agrees(other.present(k));
    }
    return same;
  }

  /** Whether cells of column k may be those of the next one. */
  boolean reaches(int k) {
    return missing == MissingRule.BACKFILL && present(k).size() < rows;
  }

  private boolean replaced(int k, Matrix before) {
    boolean here = k < columns.length;
    boolean there = k < before.columns.length;
    return here && there ? columns[k] != before.columns[k] : here || there;
  }
}
