package dev.lim.scoring;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Sorts rows by descending score, then ascending id rank: radix sort, least significant digit
 * first, of longs that pack as much of the score as fits over the row; then those among themselves
 * whose scores are the same that far. Few rows take a score's float, in digits of 11 bits; many
 * take all the bits that a row leaves, in digits of 8, whose places stay in cache, and are shared
 * between threads.
 */
final class Order {

  private static final int SHORT = 16;
  private static final int MANY = 1 << 16;

  /** Bits of the packed longs that hold the row, and bits of a digit. */
  private final int rowBits;

  private final int digitBits;
  private final int parts;

  private Order(int rows, int count) {
    boolean many = count >= MANY;
    rowBits = many ? Integer.SIZE - Integer.numberOfLeadingZeros(rows) : Integer.SIZE;
    digitBits = many ? 8 : 11;
    parts = many ? Runtime.getRuntime().availableProcessors() : 1;
  }

  /** The given rows in order; none of their scores is NaN. */
  static int[] sort(double[] scores, int[] idRank, int[] rows) {
    return new Order(scores.length, rows.length).sorted(scores, idRank, rows);
  }

  private int[] sorted(double[] scores, int[] idRank, int[] rows) {
    long[] unsorted = new long[rows.length];
    RowBlocks.forEach(
        rows.length,
        (begin, end) -> {
          for (int i = begin; i < end; i++) {
            unsorted[i] = key(scores[rows[i]]) | rows[i];
          }
        });
    long[] packed = radix(unsorted);
    int[] sorted = new int[rows.length];
    long mask = (1L << rowBits) - 1;
    for (int i = 0; i < rows.length; i++) {
      sorted[i] = (int) (packed[i] & mask);
    }
    settle(scores, idRank, packed, sorted);
    return sorted;
  }

  /** Ascends, unsigned, as scores descend; the same for both zeros. */
  private long key(double score) {
    if (rowBits == Integer.SIZE) {
      int bits = Float.floatToRawIntBits((float) score + 0f);
      return ((bits >= 0 ? ~bits ^ Integer.MIN_VALUE : bits) & 0xffffffffL) << Integer.SIZE;
    }
    long bits = Double.doubleToRawLongBits(score + 0.0);
    return (bits >= 0 ? ~bits ^ Long.MIN_VALUE : bits) >>> rowBits << rowBits;
  }

  private long[] radix(long[] packed) {
    long[] from = packed;
    long[] to = new long[packed.length];
    for (int shift = rowBits; shift < Long.SIZE; shift += digitBits) {
      if (pass(from, to, shift)) {
        long[] swapped = from;
        from = to;
        to = swapped;
      }
    }
    return from;
  }

  /**
   * Moves keys in the order of a digit, in parts that have places of their own; not if all agree.
   */
  private boolean pass(long[] from, long[] to, int shift) {
    int[][] places = new int[parts][1 << digitBits];
    forEachPart(part -> {
      int[] counts = places[part];
      int end = begin(part + 1, from.length);
      for (int i = begin(part, from.length); i < end; i++) {
        counts[digit(from[i], shift)]++;
      }
    });
    int place = 0;
    for (int digit = 0; digit < 1 << digitBits; digit++) {
      int first = place;
      for (int[] part : places) {
        int count = part[digit];
        part[digit] = place;
        place += count;
      }
      if (place - first == from.length) {
        return false;
      }
    }
    forEachPart(part -> {
      int[] next = places[part];
      int end = begin(part + 1, from.length);
      for (int i = begin(part, from.length); i < end; i++) {
        to[next[digit(from[i], shift)]++] = from[i];
      }
    });
    return true;
  }

  private void forEachPart(IntConsumer work) {
    if (parts == 1) {
      work.accept(0);
    } else {
      IntStream.range(0, parts).parallel().forEach(work);
    }
  }

  private int begin(int part, int length) {
    return (int) ((long) part * length / parts);
  }

  private int digit(long key, int shift) {
    return (int) (key >>> shift) & (1 << digitBits) - 1;
  }

  /** Sorts each stretch of rows whose keys have the same score. */
  private void settle(double[] scores, int[] idRank, long[] packed, int[] sorted) {
    for (int from = 0, to = 1; to <= sorted.length; to++) {
      if (to == sorted.length || packed[to] >>> rowBits != packed[from] >>> rowBits) {
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
