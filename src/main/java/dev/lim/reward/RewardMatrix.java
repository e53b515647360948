package dev.lim.reward;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A run's rewards at one revision, folded from the log: rows are the run's own samples in the order
 * of first appearance in its log, ended batches included; columns are its epochs with rewards in
 * force. Immutable.
 */
public final class RewardMatrix {

  private final long revision;
  private final int rows;
  private final int[] ordinals;
  private final RowIndex index;
  private final NavigableMap<Integer, EpochColumn> columns;
  private final int population;

  RewardMatrix(
      long revision,
      int rows,
      int[] ordinals,
      RowIndex index,
      TreeMap<Integer, EpochColumn> columns,
      int population) {
    this.revision = revision;
    this.rows = rows;
    this.ordinals = ordinals;
    this.index = index;
    this.columns = Collections.unmodifiableNavigableMap(columns);
    this.population = population;
  }

  public long revision() {
    return revision;
  }

  public int rows() {
    return rows;
  }

  /** The ordinal of a row's sample in its dataset. */
  public int ordinal(int row) {
    return ordinals[row];
  }

  /** The row of the sample with this ordinal, or -1. */
  public int row(int ordinal) {
    int row = index.row(ordinal);
    return row < rows ? row : -1;
  }

  /** The epochs with rewards in force, ascending. */
  public NavigableMap<Integer, EpochColumn> columns() {
    return columns;
  }

  /** The samples with at least one rollout in force. */
  public int population() {
    return population;
  }

  /** Whether this row's sample has a rollout in force. */
  public boolean isInPopulation(int row) {
    return columns.values().stream().anyMatch(column -> column.observed(row));
  }

  /** The dataset must have ids for all ordinals below. */
  public int ordinalsEnd() {
    int end = 0;
    for (int row = 0; row < rows; row++) {
      end = Math.max(end, ordinals[row] + 1);
    }
    return end;
  }

  /** The same rows with other columns. */
  RewardMatrix with(TreeMap<Integer, EpochColumn> others) {
    return new RewardMatrix(revision, rows, ordinals, index, others, population);
  }

  long bytes() {
    return columns.values().stream().mapToLong(EpochColumn::bytes).sum()
        + 4L * rows
        + index.bytes();
  }

  /** What columns occupy that another matrix does not have too. */
  public long bytesNotIn(RewardMatrix other) {
    long bytes = 0;
    for (Map.Entry<Integer, EpochColumn> entry : columns.entrySet()) {
      if (other.columns.get(entry.getKey()) != entry.getValue()) {
        bytes += entry.getValue().bytes();
      }
    }
    return bytes;
  }

  /**
   * Leads from ordinals to rows, in pages, so that a small run in a large dataset stays small. One
   * thread appends, any number read what was appended before they got their matrix.
   */
  static final class RowIndex {

    private static final int PAGE = 1 << 9;

    private int[][] pages = {};
    private int[] ordinals = new int[64];
    private int rows;

    /** The row of this ordinal, or -1. */
    int row(int ordinal) {
      int[][] known = pages;
      int page = ordinal / PAGE;
      return page < known.length && known[page].length > 0 ? known[page][ordinal % PAGE] - 1 : -1;
    }

    /** The row of this ordinal, which is the next one where it has none yet. */
    int rowOrNext(int ordinal) {
      int row = row(ordinal);
      return row >= 0 ? row : append(ordinal);
    }

    int rows() {
      return rows;
    }

    /** By row, the ordinal; longer than there are rows. Rows that there are never change. */
    int[] ordinals() {
      return ordinals;
    }

    private int append(int ordinal) {
      int page = ordinal / PAGE;
      if (page >= pages.length) {
        int[][] more = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 3 / 2));
        Arrays.fill(more, pages.length, more.length, new int[0]);
        pages = more;
      }
      if (pages[page].length == 0) {
        pages[page] = new int[PAGE];
      }
      if (rows == ordinals.length) {
        ordinals = Arrays.copyOf(ordinals, rows * 2);
      }
      ordinals[rows] = ordinal;
      pages[page][ordinal % PAGE] = ++rows;
      return rows - 1;
    }

    long bytes() {
      long used = 0;
      for (int[] page : pages) {
        used += 8 + page.length * 4L;
      }
      return used + 4L * ordinals.length;
    }
  }
}
