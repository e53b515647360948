package dev.lim.scoring;

import java.util.Arrays;

/**
 * The average reward curve, r_avg^k, of the rows that are scored.
 *
 * <p>A column whose sums are exact, {@link Total#isExact}, is not read: from its total is taken
 * what is present but not scored, and to it is added what stands in for a scored row that is
 * absent. Never subtract what was rounded; here nothing is, so the bits are those of adding up. Any
 * other column is added up by the {@link Kernel}, by block, and blocks in their order; so is one in
 * which many rows would have to be looked up one by one.
 */
final class Averages {

  /** Looking one row up costs as much as reading some eight. */
  private static final int LOOK_UP = 8;

  /** Words of 64 rows are compared: a sixteenth, or less, of the work of reading the rows. */
  private static final int COMPARING = 16;

  private final Matrix matrix;
  private final Kernel kernel;
  private final RowSet scored;
  private final double[] values;
  private int read;

  private Averages(Matrix matrix, Kernel kernel, RowSet scored, double[] values) {
    this.matrix = matrix;
    this.kernel = kernel;
    this.scored = scored;
    this.values = values;
  }

  /**
   * The averages of the marked columns, and those known before of the others; NaN where no row
   * counts.
   *
   * @param before by column; as far as there are columns that are not marked
   */
  static Averages of(
      Matrix matrix, Kernel kernel, Presence presence, boolean[] marked, double[] before) {
    Averages averages =
        new Averages(matrix, kernel, presence.rows(), Arrays.copyOf(before, matrix.epochs()));
    averages.compute(marked);
    return averages;
  }

  private void compute(boolean[] marked) {
    Total[] totals = matrix.totals();
    boolean[] corrected = new boolean[totals.length];
    boolean[] summed = new boolean[totals.length];
    boolean exact = true;
    for (int k = 0; k < totals.length; k++) {
      exact =
          (exact || !carries())
              && totals[k].isExact(matrix.rows())
              && lookUps(k) <= matrix.rows() / LOOK_UP;
      corrected[k] = exact && (marked[k] || carries());
      summed[k] = marked[k] && !exact;
      read += summed[k] ? 1 : 0;
    }
    double[][] sums = new double[Blocks.count(matrix.rows())][totals.length];
    Blocks.halves(
        sums.length,
        (long) matrix.rows() * totals.length / COMPARING,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            correct(block, corrected, sums[block]);
          }
        });
    if (read > 0) {
      Blocks.forEach(
          matrix,
          kernel,
          read,
          (tile, block, begin, end) -> {
            mark(begin, end, tile.mask());
            tile.each(begin, end, summed, totals.length, () -> kernel.sum(tile, sums[block]));
          });
    }
    for (int k = 0; k < totals.length; k++) {
      if (marked[k]) {
        double sum = summed[k] ? 0 : totals[k].sum();
        for (double[] block : sums) {
          sum += block[k];
        }
        values[k] = sum / (fills() ? scored.size() : scored.common(matrix.present(k)));
      }
    }
  }

  /** Whether what stands in for an absent cell may come from any column before. */
  private boolean carries() {
    return matrix.missing() == MissingRule.CARRY;
  }

  /** Whether each scored row has a cell in every column. */
  private boolean fills() {
    return matrix.missing() != MissingRule.OBSERVED;
  }

  /** No less than the rows on which scoring and presence in column k disagree, and matter. */
  private int lookUps(int k) {
    int absent = fills() ? matrix.rows() - matrix.present(k).size() : 0;
    return matrix.rows() - scored.size() + absent;
  }

  /** By how much the sums over a block's scored rows differ from those over its present ones. */
  private void correct(int block, boolean[] corrected, double[] sums) {
    float[] carried = new float[carries() ? Blocks.ROWS : 0];
    int begin = block * Blocks.ROWS / Long.SIZE;
    int end = Math.min(begin + Blocks.ROWS / Long.SIZE, RowSet.words(matrix.rows()));
    for (int k = 0; k < sums.length; k++) {
      RowSet present = matrix.present(k);
      double sum = 0;
      for (int w = begin; w < end && corrected[k]; w++) {
        long here = scored.word(w);
        long there = present.word(w);
        for (long left = there & ~here; left != 0; left &= left - 1) {
          sum -= matrix.column(k)[w * Long.SIZE + Long.numberOfTrailingZeros(left)];
        }
        if (fills()) {
          for (long left = here & ~there; left != 0; left &= left - 1) {
            sum += instead(k, w * Long.SIZE + Long.numberOfTrailingZeros(left), carried);
          }
        }
      }
      sums[k] = sum;
    }
  }

  /**
   * What stands in for the absent cell of a scored row.
   *
   * @param carried by row of the block, what stood in in the column before if that was absent too
   */
  private float instead(int k, int row, float[] carried) {
    if (matrix.missing() == MissingRule.BACKFILL) {
      return matrix.column(k + 1)[row];
    }
    int i = row % Blocks.ROWS;
    if (matrix.has(k - 1, row)) {
      carried[i] = matrix.column(k - 1)[row];
    }
    return carried[i];
  }

  /** Sets all bits for each scored row of {@code begin..end}, none for the others. */
  private void mark(int begin, int end, int[] mask) {
    for (int row = begin; row < end; row++) {
      mask[row - begin] = (int) -(scored.word(row / Long.SIZE) >>> row & 1);
    }
  }

  /** r_avg^k by column. */
  double[] values() {
    return values;
  }

  /** How many columns were read for it. */
  int read() {
    return read;
  }
}
