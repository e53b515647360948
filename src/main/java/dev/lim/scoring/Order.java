package dev.lim.scoring;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.Arrays;

/**
 * Sorts rows by descending score, then ascending id rank: radix sort (least significant digit
 * first, digits of 11 bits) of longs that pack the score, rounded to float, over the row; then the
 * few scores that are the same float, and the many that are the same, among themselves.
 */
final class Order {

  private static final int DIGIT = 11;
  private static final int RADIX = 1 << DIGIT;
  private static final int SHORT = 16;

  private Order() {}

  /** The given rows in order; none of their scores is NaN. */
  static int[] sort(double[] scores, int[] idRank, int[] rows) {
    long[] packed = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      packed[i] = descending((float) scores[rows[i]]) << Integer.SIZE | rows[i];
    }
    packed = radix(packed);
    int[] sorted = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      sorted[i] = (int) packed[i];
    }
    settle(scores, idRank, packed, sorted);
    return sorted;
  }

  /** 32 bits that ascend, unsigned, as scores descend; the same for both zeros. */
  private static long descending(float score) {
    int bits = Float.floatToRawIntBits(score + 0f);
    return Integer.toUnsignedLong(bits >= 0 ? ~bits ^ Integer.MIN_VALUE : bits);
  }

  private static long[] radix(long[] packed) {
    long[] from = packed;
    long[] to = new long[packed.length];
    for (int shift = Integer.SIZE; shift < Long.SIZE; shift += DIGIT) {
      int[] ends = new int[RADIX];
      for (long key : from) {
        ends[digit(key, shift)]++;
      }
      for (int digit = 1; digit < RADIX; digit++) {
        ends[digit] += ends[digit - 1];
      }
      for (int i = from.length - 1; i >= 0; i--) {
        to[--ends[digit(from[i], shift)]] = from[i];
      }
      long[] swapped = from;
      from = to;
      to = swapped;
    }
    return from;
  }

  private static int digit(long key, int shift) {
    return (int) (key >>> shift) & RADIX - 1;
  }

  /** Sorts each stretch of rows whose scores are the same float. */
  private static void settle(double[] scores, int[] idRank, long[] packed, int[] sorted) {
    for (int from = 0, to = 1; to <= sorted.length; to++) {
      if (to == sorted.length || packed[to] >>> Integer.SIZE != packed[from] >>> Integer.SIZE) {
        if (to - from > 1) {
          settle(scores, idRank, sorted, from, to);
        }
        from = to;
      }
    }
  }

  private static void settle(double[] scores, int[] idRank, int[] sorted, int from, int to) {
    if (to - from > SHORT && equal(scores, sorted, from, to)) {
      sortByRank(idRank, sorted, from, to);
    } else {
      IntArrays.quickSort(
          sorted,
          from,
          to,
          (a, b) ->
              scores[a] == scores[b]
                  ? Integer.compare(idRank[a], idRank[b])
                  : Double.compare(scores[b], scores[a]));
    }
  }

  private static boolean equal(double[] scores, int[] sorted, int from, int to) {
    for (int i = from + 1; i < to; i++) {
      if (scores[sorted[i]] != scores[sorted[from]]) {
        return false;
      }
    }
    return true;
  }

  private static void sortByRank(int[] idRank, int[] sorted, int from, int to) {
    long[] packed = new long[to - from];
    for (int i = from; i < to; i++) {
      packed[i - from] = (long) idRank[sorted[i]] << Integer.SIZE | sorted[i];
    }
    Arrays.sort(packed);
    for (int i = from; i < to; i++) {
      sorted[i] = (int) packed[i - from];
    }
  }
}
