package dev.lim.scoring;

import java.util.Arrays;

/**
 * A window of up to {@value #COLUMNS} columns by {@value Blocks#ROWS} rows on a {@link Matrix}, for
 * kernels to read: {@code values(j)[at() + i]} is the value of column {@code from() + j} in the
 * window's row i, {@code fallback(j)[at() + i]} what stands in where that is NaN.
 *
 * <p>Refers to the columns where they reach over all its rows; copies and pads them where one does
 * not, and where rewards are carried. Movable, so not thread-safe: each thread has its own.
 */
final class Tile {

  static final int COLUMNS = 16;

  private static final float[] ZEROS = new float[Blocks.ROWS];

  private final Matrix matrix;
  private final Kernel kernel;
  private final float[][] values = new float[COLUMNS + 1][];
  private final int[] mask = new int[Blocks.ROWS];
  private final float[][] copies = new float[COLUMNS + 2][];
  private int begin;
  private int at;
  private int length;
  private int from;
  private int count;

  Tile(Matrix matrix, Kernel kernel) {
    this.matrix = matrix;
    this.kernel = kernel;
    Arrays.fill(copies, new float[0]);
  }

  /** Moves to rows {@code begin..end} and columns {@code from..to}, the ends excluded. */
  void move(int begin, int end, int from, int to) {
    boolean goesOn = this.begin == begin && this.length == end - begin && this.from + count == from;
    float[] last = values[Math.max(0, count - 1)];
    this.begin = begin;
    this.length = end - begin;
    this.from = from;
    this.count = to - from;
    if (matrix.missing() == MissingRule.CARRY) {
      carry(goesOn && from > 0 ? last : latest());
    } else if (matrix.covers(from, reach(), end)) {
      refer();
    } else {
      copy();
    }
  }

  /** Moves over the columns that are marked, up to a limit, and works on each stretch of them. */
  void each(int begin, int end, boolean[] marked, int limit, Runnable work) {
    for (int k = 0; k < limit; k++) {
      if (marked[k]) {
        int to = k + 1;
        while (to < limit && marked[to] && to - k < COLUMNS) {
          to++;
        }
        move(begin, end, k, to);
        work.run();
        k = to - 1;
      }
    }
  }

  /** Moves over columns {@code from..to}, and works on each stretch of them. */
  void each(int begin, int end, int from, int to, Runnable work) {
    for (int k = from; k < to; k += COLUMNS) {
      move(begin, end, k, Math.min(to, k + COLUMNS));
      work.run();
    }
  }

  private int reach() {
    boolean next = matrix.missing() == MissingRule.BACKFILL && from + count < matrix.epochs();
    return from + count + (next ? 1 : 0);
  }

  private void refer() {
    at = begin;
    for (int k = from; k < reach(); k++) {
      values[k - from] = matrix.column(k);
    }
  }

  private void copy() {
    at = 0;
    for (int k = from; k < reach(); k++) {
      values[k - from] = padded(k, room(k - from));
    }
  }

  private float[] padded(int k, float[] copy) {
    float[] column = matrix.column(k);
    int present = Math.clamp(column.length - begin, 0, length);
    if (present > 0) {
      System.arraycopy(column, begin, copy, 0, present);
    }
    Arrays.fill(copy, present, length, Float.NaN);
    return copy;
  }

  private float[] room(int j) {
    if (copies[j].length < length) {
      copies[j] = new float[length];
    }
    return copies[j];
  }

  private void carry(float[] before) {
    at = 0;
    for (int j = 0; j < count; j++) {
      float[] column = matrix.column(from + j);
      boolean covered = begin + length <= column.length;
      values[j] = room(j);
      kernel.carry(
          covered ? column : padded(from + j, room(COLUMNS)),
          covered ? begin : 0,
          j == 0 ? before : values[j - 1],
          values[j],
          length);
    }
  }

  /** The latest values before the window, where its first column needs them. */
  private float[] latest() {
    float[] latest = room(COLUMNS + 1);
    for (int i = 0; i < length; i++) {
      latest[i] = matrix.has(from, begin + i) ? 0 : matrix.latest(from - 1, begin + i);
    }
    return latest;
  }

  float[] values(int j) {
    return values[j];
  }

  float[] fallback(int j) {
    boolean next = matrix.missing() == MissingRule.BACKFILL && from + j + 1 < matrix.epochs();
    return values[next ? j + 1 : j];
  }

  /** What a sum takes for a value that is NaN: its fallback, or 0 where it may stay absent. */
  float[] substitute(int j) {
    return matrix.missing() == MissingRule.OBSERVED ? ZEROS : fallback(j);
  }

  /** Where the window's rows begin in {@link #substitute}. */
  int substituteAt() {
    return matrix.missing() == MissingRule.OBSERVED ? 0 : at;
  }

  /**
   * For each of the window's rows, all bits where a sum counts it, or none; whoever sums sets it.
   */
  int[] mask() {
    return mask;
  }

  int at() {
    return at;
  }

  int length() {
    return length;
  }

  int from() {
    return from;
  }

  int count() {
    return count;
  }
}
