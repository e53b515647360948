package dev.lim.scoring;

import it.unimi.dsi.fastutil.ints.IntArrayList;
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

  /** Comparing a word of 64 rows costs as much as reading some four. */
  private static final int COMPARING = 4;

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
    double[] corrections = corrections(corrected);
    double[][] sums = sums(summed);
    for (int k = 0; k < totals.length; k++) {
      if (marked[k]) {
        double sum = summed[k] ? 0 : totals[k].sum() + corrections[k];
        for (double[] block : sums) {
          sum += block[k];
        }
        values[k] = sum / (fills() ? scored.size() : scored.common(matrix.present(k)));
      }
    }
  }

  /** The sums of columns over the scored rows, by block: {@code [block][column]}. */
  private double[][] sums(boolean[] summed) {
    double[][] sums = new double[read > 0 ? Blocks.count(matrix.rows()) : 0][summed.length];
    if (read > 0) {
      Blocks.forEach(
          matrix,
          kernel,
          read,
          (tile, block, begin, end) -> {
            mark(begin, end, tile.mask());
            tile.each(begin, end, summed, summed.length, () -> kernel.sum(tile, sums[block]));
          });
    }
    return sums;
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

  /** By how much sums over the scored rows differ from those over the present ones. */
  private double[] corrections(boolean[] corrected) {
    double[][] halves = new double[2][corrected.length];
    float[] carried = new float[carries() ? matrix.rows() : 0];
    int words = RowSet.words(matrix.rows());
    Blocks.halves(
        2,
        (long) words * corrected.length * COMPARING,
        (from, to) -> {
          for (int half = from; half < to; half++) {
            correct(
                half == 0 ? 0 : words / 2,
                half == 0 ? words / 2 : words,
                corrected,
                carried,
                halves[half]);
          }
        });
    for (int k = 0; k < corrected.length; k++) {
      halves[0][k] += halves[1][k];
    }
    return halves[0];
  }

  /**
   * The part of some words of rows. Rows are found first and looked up then, so that one look-up
   * need not wait for another.
   *
   * @param carried by row, what stands in where it is absent in the column before, too
   */
  private void correct(
      int begin, int end, boolean[] corrected, float[] carried, double[] corrections) {
    IntArrayList unscored = new IntArrayList();
    scored.addAbsent(begin, end, matrix.rows(), unscored);
    IntArrayList filled = new IntArrayList();
    for (int k = 0; k < corrected.length; k++) {
      if (corrected[k]) {
        double sum = 0;
        float[] column = matrix.column(k);
        for (int i = 0; i < unscored.size(); i++) {
          int row = unscored.getInt(i);
          float value = row < column.length ? column[row] : 0;
          sum -= Float.isNaN(value) ? 0 : value;
        }
        filled.clear();
        if (fills()) {
          scored.addNotIn(matrix.present(k), begin, end, filled);
        }
        for (int i = 0; i < filled.size(); i++) {
          sum += instead(k, filled.getInt(i), carried);
        }
        corrections[k] = sum;
      }
    }
  }

  /** What stands in for the absent cell of a scored row. */
  private float instead(int k, int row, float[] carried) {
    if (!carries()) {
      return matrix.column(k + 1)[row];
    }
    if (matrix.has(k - 1, row)) {
      carried[row] = matrix.column(k - 1)[row];
    }
    return carried[row];
  }

  /** Sets all bits for each scored row of {@code begin..end}, none for the others. */
  private void mark(int begin, int end, int[] mask) {
    for (int from = begin; from < end; from += Long.SIZE) {
      long word = scored.word(from / Long.SIZE);
      int to = Math.min(end, from + Long.SIZE);
      if (word == -1) {
        Arrays.fill(mask, from - begin, to - begin, -1);
      } else {
        for (int row = from; row < to; row++) {
          mask[row - begin] = (int) -(word >>> row & 1);
        }
      }
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
