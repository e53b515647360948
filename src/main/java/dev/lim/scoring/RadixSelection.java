package dev.lim.scoring;

import java.util.Arrays;

/**
 * Finds the best rows without sorting: radix selection, most significant digit first. The key of a
 * row is 96 bits, its descending score over its ascending id rank, in digits of 16. A histogram of
 * a digit shows where the last row that is wanted lies: rows below that digit are chosen, rows
 * above are out, and only those that share it go on to the next digit. Few of many rows are looked
 * for among those alone that a sample of the scores says may be among them.
 */
final class RadixSelection {

  private static final int DIGIT = 16;
  private static final int RADIX = 1 << DIGIT;
  private static final int SCORE_DIGITS = Long.SIZE / DIGIT;
  private static final int FEW = 64;
  private static final int SAMPLE = 4_096;
  private static final int SLACK = 16;
  private static final int[] NONE = {};
  private static final int DIGITS = SCORE_DIGITS + Integer.SIZE / DIGIT;

  private final double[] scores;
  private final int[] idRank;
  private final int[] chosen;
  private int found;

  private RadixSelection(double[] scores, int[] idRank, int n) {
    this.scores = scores;
    this.idRank = idRank;
    this.chosen = new int[n];
  }

  /**
   * The n best rows, in no order.
   *
   * @param n less than the rows whose score is not NaN
   */
  static int[] top(double[] scores, int rows, int[] idRank, int n) {
    RadixSelection selection = new RadixSelection(scores, idRank, n);
    int[] likely = n < rows / FEW ? likely(scores, rows, n) : NONE;
    int[] candidates = likely.length < n ? selection.first(rows) : selection.next(likely, 0);
    for (int digit = 1; digit < DIGITS && selection.found < n; digit++) {
      candidates = selection.next(candidates, digit);
    }
    return selection.chosen;
  }

  /**
   * All rows from some score on, about twice n by a look at every so many scores: the best n are
   * among them if they are n at least. None where there are many more, as with equal scores.
   */
  private static int[] likely(double[] scores, int rows, int n) {
    double[] sample = new double[SAMPLE];
    int sampled = 0;
    for (int i = 0; i < SAMPLE; i++) {
      double score = scores[(int) ((long) i * rows / SAMPLE)];
      sample[sampled] = score;
      sampled += Double.isNaN(score) ? 0 : 1;
    }
    Arrays.sort(sample, 0, sampled);
    int above = 2 * (int) ((long) n * SAMPLE / rows) + SLACK;
    if (sampled <= above) {
      return NONE;
    }
    double least = sample[sampled - 1 - above];
    int[] likely = new int[8 * (n + rows / SAMPLE * SLACK)];
    int found = 0;
    for (int row = 0; row < rows; row++) {
      if (scores[row] >= least) {
        if (found == likely.length) {
          return NONE;
        }
        likely[found++] = row;
      }
    }
    return Arrays.copyOf(likely, found);
  }

  private int[] first(int rows) {
    int[] histogram = new int[RADIX];
    for (int row = 0; row < rows; row++) {
      if (!Double.isNaN(scores[row])) {
        histogram[digit(row, 0)]++;
      }
    }
    int border = border(histogram);
    int[] candidates = new int[histogram[border]];
    for (int row = 0, kept = 0; row < rows; row++) {
      int digit = Double.isNaN(scores[row]) ? RADIX : digit(row, 0);
      if (digit < border) {
        chosen[found++] = row;
      } else if (digit == border) {
        candidates[kept++] = row;
      }
    }
    return settled(candidates);
  }

  private int[] next(int[] rows, int place) {
    int[] histogram = new int[RADIX];
    for (int row : rows) {
      histogram[digit(row, place)]++;
    }
    int border = border(histogram);
    int[] candidates = new int[histogram[border]];
    int kept = 0;
    for (int row : rows) {
      int digit = digit(row, place);
      if (digit < border) {
        chosen[found++] = row;
      } else if (digit == border) {
        candidates[kept++] = row;
      }
    }
    return settled(candidates);
  }

  /** The digit of the last row that is wanted. */
  private int border(int[] histogram) {
    int border = 0;
    int wanted = chosen.length - found;
    while (histogram[border] < wanted) {
      wanted -= histogram[border++];
    }
    return border;
  }

  /** Chooses the candidates if all of them are wanted. */
  private int[] settled(int[] candidates) {
    if (candidates.length > chosen.length - found) {
      return candidates;
    }
    System.arraycopy(candidates, 0, chosen, found, candidates.length);
    found += candidates.length;
    return new int[0];
  }

  private int digit(int row, int place) {
    return place < SCORE_DIGITS
        ? (int) (descending(scores[row]) >>> Long.SIZE - DIGIT * (place + 1)) & RADIX - 1
        : idRank[row] >>> DIGIT * (DIGITS - 1 - place) & RADIX - 1;
  }

  /** 64 bits that ascend, unsigned, as scores descend; the same for both zeros. */
  private static long descending(double score) {
    long bits = Double.doubleToRawLongBits(score + 0.0);
    return bits >= 0 ? ~bits ^ Long.MIN_VALUE : bits;
  }
}
