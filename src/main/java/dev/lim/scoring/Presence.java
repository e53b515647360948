package dev.lim.scoring;

import java.util.Arrays;

/** Who is scored, by a {@link Matrix} of rewards and its rule. Immutable. */
final class Presence {

  /** Words whose counts stay in the first cache. */
  private static final int STRETCH = 64;

  private final RowSet rows;

  private Presence(long[] words) {
    this.rows = new RowSet(words);
  }

  /**
   * Finds out who is scored, 64 rows at a time.
   *
   * @param minEpochs in how many columns a row must be present, under {@link MissingRule#OBSERVED}
   */
  static Presence of(Matrix matrix, int minEpochs) {
    int least = Math.max(1, minEpochs);
    long[] words = new long[RowSet.words(matrix.rows())];
    if (matrix.epochs() > 0
        && (matrix.missing() != MissingRule.OBSERVED || least <= matrix.epochs())) {
      Blocks.halves(
          Math.ceilDiv(words.length, STRETCH),
          (long) words.length * matrix.epochs(),
          (from, to) -> {
            int begin = from * STRETCH;
            int end = Math.min(to * STRETCH, words.length);
            if (matrix.missing() == MissingRule.OBSERVED) {
              often(matrix, least, words, begin, end);
            } else {
              always(matrix, words, begin, end);
            }
          });
    }
    return new Presence(words);
  }

  /** Those with a cell in each of the columns that decide. */
  private static void always(Matrix matrix, long[] words, int begin, int end) {
    Arrays.fill(words, begin, end, -1);
    boolean backfilled = matrix.missing() == MissingRule.BACKFILL;
    for (int k = 0; k < matrix.deciding(); k++) {
      RowSet present = matrix.present(k);
      RowSet next = backfilled && k + 1 < matrix.epochs() ? matrix.present(k + 1) : present;
      for (int w = begin; w < end; w++) {
        words[w] &= present.word(w) | next.word(w);
      }
    }
  }

  /**
   * Those present in at least so many columns. Counts are spread over planes, a bit of 64 counts in
   * each word, so that adding 1 to all 64 is adding with carry from plane to plane.
   */
  private static void often(Matrix matrix, int least, long[] words, int begin, int end) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(matrix.epochs());
    for (int from = begin; from < end; from += STRETCH) {
      int length = Math.min(STRETCH, end - from);
      long[][] planes = new long[bits][length];
      for (int k = 0; k < matrix.epochs(); k++) {
        addOne(planes, matrix.present(k), from, length);
      }
      atLeast(planes, least, words, from, length);
    }
  }

  private static void addOne(long[][] planes, RowSet present, int from, int length) {
    long[] carry = new long[length];
    for (int i = 0; i < length; i++) {
      carry[i] = present.word(from + i);
    }
    long left = 1;
    for (int p = 0; p < planes.length && left != 0; p++) {
      long[] plane = planes[p];
      left = 0;
      for (int i = 0; i < length; i++) {
        long sum = plane[i] ^ carry[i];
        carry[i] &= plane[i];
        plane[i] = sum;
        left |= carry[i];
      }
    }
  }

  /** Compares 64 counts at a time with a number, from the highest bit down. */
  private static void atLeast(long[][] planes, int least, long[] words, int from, int length) {
    for (int i = 0; i < length; i++) {
      long more = 0;
      long equal = -1;
      for (int p = planes.length - 1; p >= 0; p--) {
        long plane = planes[p][i];
        if ((least >>> p & 1) != 0) {
          equal &= plane;
        } else {
          more |= equal & plane;
          equal &= ~plane;
        }
      }
      words[from + i] = more | equal;
    }
  }

  /** Whether the same rows are scored. */
  boolean agrees(Presence other) {
    return rows.agrees(other.rows);
  }

  /** Whether a row is scored. */
  boolean has(int row) {
    return rows.contains(row);
  }

  /** How many rows are scored. */
  int count() {
    return rows.size();
  }

  RowSet rows() {
    return rows;
  }
}
