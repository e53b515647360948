package dev.lim.scoring;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A set of rows, one bit each in words of 64, so that two sets of a million rows are compared in
 * some microseconds. Immutable, as long as nobody writes to the words it was given.
 */
public final class RowSet {

  private final long[] words;
  private final int size;

  RowSet(long[] words) {
    this.words = words;
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    this.size = count;
  }

  /**
   * The set of these rows.
   *
   * @param rows each below {@code length}; one that is given twice counts once
   */
  public static RowSet of(int length, int[] rows) {
    long[] words = new long[words(length)];
    for (int row : rows) {
      words[row >>> 6] |= 1L << row;
    }
    return new RowSet(words);
  }

  /** The rows of which {@code test} is true, among the first {@code length}. */
  public static RowSet where(int length, IntPredicate test) {
    long[] words = new long[words(length)];
    for (int row = 0; row < length; row++) {
      words[row >>> 6] |= (test.test(row) ? 1L : 0) << row;
    }
    return new RowSet(words);
  }

  /** How many words so many rows take. */
  static int words(int length) {
    return (length + 63) >>> 6;
  }

  /** Rows {@code 64 * i} and on, the first in the lowest bit. */
  long word(int i) {
    return i < words.length ? words[i] : 0;
  }

  public int size() {
    return size;
  }

  public boolean contains(int row) {
    int word = row >>> 6;
    return word < words.length && (words[word] >>> row & 1) != 0;
  }

  /** Whether the same rows are in both. */
  boolean agrees(RowSet other) {
    int words = Math.min(this.words.length, other.words.length);
    return size == other.size && Arrays.equals(this.words, 0, words, other.words, 0, words);
  }

  /** Adds the rows of words {@code begin..end} that are in this set but not in the other. */
  void addNotIn(RowSet other, int begin, int end, IntArrayList rows) {
    long[] here = words;
    long[] there = other.words;
    int both = Math.min(end, Math.min(here.length, there.length));
    for (int i = begin; i < both; i++) {
      addBits(i, here[i] & ~there[i], rows);
    }
    for (int i = Math.max(begin, both); i < Math.min(end, here.length); i++) {
      addBits(i, here[i], rows);
    }
  }

  /** Adds the rows of words {@code begin..end}, below {@code length}, that are not in this set. */
  void addAbsent(int begin, int end, int length, IntArrayList rows) {
    for (int i = begin; i < end; i++) {
      int left = length - i * Long.SIZE;
      addBits(i, ~word(i) & (left < Long.SIZE ? (1L << left) - 1 : -1), rows);
    }
  }

  private static void addBits(int word, long bits, IntArrayList rows) {
    for (long left = bits; left != 0; left &= left - 1) {
      rows.add(word * Long.SIZE + Long.numberOfTrailingZeros(left));
    }
  }

  /** How many rows are in both. */
  public int common(RowSet other) {
    int count = 0;
    for (int i = Math.min(words.length, other.words.length) - 1; i >= 0; i--) {
      count += Long.bitCount(words[i] & other.words[i]);
    }
    return count;
  }

  /** |A and B| / |A or B| (Jaccard 1901); 1 where both are empty. */
  public double jaccard(RowSet other) {
    int common = common(other);
    int union = size + other.size - common;
    return union == 0 ? 1 : (double) common / union;
  }

  /** Adds 1 to {@code counts[row]} for each row of the set. */
  public void count(int[] counts) {
    for (int i = 0; i < words.length; i++) {
      for (long left = words[i]; left != 0; left &= left - 1) {
        counts[(i << 6) + Long.numberOfTrailingZeros(left)]++;
      }
    }
  }
}
