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
  private final float[][] copies = new float[COLUMNS + 1][];
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
    this.length = end - begin;
    this.from = from;
    this.count = to - from;
    if (matrix.missing() == MissingRule.CARRY) {
      carry(begin);
    } else if (matrix.covers(from, reach(), end)) {
      refer(begin);
    } else {
      copy(begin);
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

  private void refer(int begin) {
    at = begin;
    for (int k = from; k < reach(); k++) {
      values[k - from] = matrix.column(k);
    }
  }

  private void copy(int begin) {
    at = 0;
    for (int k = from; k < reach(); k++) {
      values[k - from] = padded(k, begin);
    }
  }

  private float[] padded(int k, int begin) {
    float[] copy = room(k - from);
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

  private void carry(int begin) {
    at = 0;
    float[] first = padded(from, begin);
    for (int i = 0; i < length; i++) {
      if (Float.isNaN(first[i])) {
        first[i] = matrix.latest(from - 1, begin + i);
      }
    }
    values[0] = first;
    for (int j = 1; j < count; j++) {
      float[] column = matrix.column(from + j);
      if (begin + length <= column.length) {
        kernel.carry(column, begin, values[j - 1], room(j), length);
      } else {
        kernel.carry(padded(from + j, begin), 0, values[j - 1], copies[j], length);
      }
      values[j] = copies[j];
    }
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
