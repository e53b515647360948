package dev.lim.scoring;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;

/**
 * The reward histories r_i^k of the samples that the {@link MissingRule} scores, for rules other
 * than {@link Alignment}: the same samples, the same filled-in rewards.
 *
 * <p>Columns are {@code [epoch][row]}, float32, with NaN for an absent reward. Immutable and
 * thread-safe. Holds on to its columns and a bit a row.
 */
public final class Histories {

  /** Takes a column's cells, for a block of rows. */
  public interface Visitor {

    /**
     * @param k the column
     * @param cells its rewards, filled in: {@code cells[at + i]} is that of row {@code begin + i};
     *     NaN where it is absent still. To be read within the call only
     * @param begin the first row
     * @param end the row after the last
     */
    void visit(int k, float[] cells, int at, int begin, int end);
  }

  private final Kernel kernel;
  private final Alignment.Rule rule;
  private final Matrix matrix;
  private final Presence presence;

  private Histories(Kernel kernel, Alignment.Rule rule, Matrix matrix, Presence presence) {
    this.kernel = kernel;
    this.rule = rule;
    this.matrix = matrix;
    this.presence = presence;
  }

  /**
   * Finds out who is scored.
   *
   * @param columns as {@link Alignment#of} takes them
   */
  public static Histories of(List<Column> columns, int rows, Alignment.Rule rule) {
    Kernel kernel = Kernels.current();
    Matrix matrix = new Matrix(columns, rows, rule.missing(), kernel);
    return new Histories(kernel, rule, matrix, Presence.of(matrix, rule.minEpochs()));
  }

  /** What {@link #of} gives; this where no column is another than before. */
  public Histories advance(List<Column> columns, int rows, Alignment.Rule rule) {
    Histories later = of(columns, rows, rule);
    return rule.equals(this.rule) && later.matrix.same(matrix) ? this : later;
  }

  public int rows() {
    return matrix.rows();
  }

  public int epochs() {
    return matrix.epochs();
  }

  /** Whether a row that is scored may lack a reward in some column. */
  public boolean hasGaps() {
    return rule.missing() == MissingRule.OBSERVED;
  }

  /** Whether the rule scores this row. */
  public boolean isScored(int row) {
    return presence.has(row);
  }

  /**
   * The scores by row; NaN for those that the rule does not score.
   *
   * @param score asked for those that it does, by several threads at once
   */
  public double[] scores(IntToDoubleFunction score) {
    double[] scores = new double[rows()];
    RowBlocks.forEach(
        rows(),
        (begin, end) -> {
          for (int row = begin; row < end; row++) {
            scores[row] = isScored(row) ? score.applyAsDouble(row) : Double.NaN;
          }
        });
    return scores;
  }

  /** Folds the histories of some rows into their scores. */
  interface Fold {

    /** Begins anew, with rows of which some may lack rewards, or none. */
    void begin(int rows, boolean gaps);

    /** Takes the next column: {@code cells[at + i]} is the reward of the i-th row. */
    void add(int k, float[] cells, int at);

    /** The score of the i-th row. */
    double score(int i);
  }

  /** As {@link #scores(IntToDoubleFunction)}; each fold is one thread's at a time. */
  double[] scores(Supplier<Fold> folds) {
    double[] scores = new double[rows()];
    Blocks.forEach(
        matrix,
        kernel,
        matrix.epochs(),
        (tile, _, begin, end) -> {
          Fold fold = folds.get();
          float[] filled = new float[RowBlocks.ROWS];
          for (int first = begin; first < end; first += RowBlocks.ROWS) {
            score(tile, fold, filled, first, Math.min(end, first + RowBlocks.ROWS), scores);
          }
        });
    return scores;
  }

  private void score(Tile tile, Fold fold, float[] filled, int begin, int end, double[] scores) {
    fold.begin(end - begin, hasGaps() && lacksRewards(begin, end));
    tile.each(
        begin,
        end,
        0,
        matrix.epochs(),
        () -> visit(tile, filled, (k, cells, at, _, _) -> fold.add(k, cells, at), begin, end));
    for (int row = begin; row < end; row++) {
      scores[row] = isScored(row) ? fold.score(row - begin) : Double.NaN;
    }
  }

  private boolean lacksRewards(int begin, int end) {
    long absent = 0;
    for (int row = begin; row < end; row += Long.SIZE) {
      long rows = end - row < Long.SIZE ? (1L << end - row) - 1 : -1;
      for (int k = 0; k < matrix.epochs(); k++) {
        absent |= rows & ~matrix.present(k).word(row / Long.SIZE);
      }
    }
    return absent != 0;
  }

  /** How many rows the rule scores. */
  public int scored() {
    return presence.count();
  }

  /**
   * Visits the columns in ascending order for each block of rows; blocks may be visited by several
   * threads at once.
   */
  public void forEach(Visitor visitor) {
    Blocks.forEach(
        matrix,
        kernel,
        matrix.epochs(),
        (tile, _, begin, end) -> {
          float[] filled = new float[end - begin];
          tile.each(begin, end, 0, matrix.epochs(), () -> visit(tile, filled, visitor, begin, end));
        });
  }

  private static void visit(Tile tile, float[] filled, Visitor visitor, int begin, int end) {
    for (int j = 0; j < tile.count(); j++) {
      float[] values = tile.values(j);
      float[] fallback = tile.fallback(j);
      if (values == fallback) {
        visitor.visit(tile.from() + j, values, tile.at(), begin, end);
        continue;
      }
      for (int i = 0, v = tile.at(); i < end - begin; i++, v++) {
        float value = values[v];
        filled[i] = Float.isNaN(value) ? fallback[v] : value;
      }
      visitor.visit(tile.from() + j, filled, 0, begin, end);
    }
  }

  /**
   * r_avg^k of the rows with a score, NaN where none has a reward. Summed in the order of rows
   * within a block, then in the order of blocks.
   */
  public double[] averages(double[] scores) {
    double[][] sums = new double[Blocks.count(rows())][epochs()];
    int[][] counts = new int[sums.length][epochs()];
    forEach((k, cells, at, begin, end) -> {
      double sum = 0;
      int count = 0;
      for (int row = begin, i = at; row < end; row++, i++) {
        boolean has = !Double.isNaN(scores[row]) && !Float.isNaN(cells[i]);
        sum += has ? cells[i] : 0;
        count += has ? 1 : 0;
      }
      sums[begin / Blocks.ROWS][k] = sum;
      counts[begin / Blocks.ROWS][k] = count;
    });
    double[] averages = new double[epochs()];
    for (int k = 0; k < averages.length; k++) {
      double sum = 0;
      long count = 0;
      for (int block = 0; block < sums.length; block++) {
        sum += sums[block][k];
        count += counts[block][k];
      }
      averages[k] = sum / count;
    }
    return averages;
  }
}
