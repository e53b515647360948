package dev.lim.scoring;

import java.util.Arrays;
import java.util.List;

/**
 * The alignment scores of one set of reward columns: how closely each sample's reward curve follows
 * the average curve (LIMR, arXiv 2502.11886, section 2.2).
 *
 * <pre>
 *   r_avg^k = (1/N) * sum_i r_i^k
 *   s_i     = 1 - sum_k (r_i^k - r_avg^k)^2 / sum_k (R - r_avg^k)^2
 * </pre>
 *
 * <p>The paper's formula has R = 1. Columns are {@code [epoch][row]}, float32, with NaN for an
 * absent reward; {@link MissingRule} says what becomes of it. Sums are in double, over samples in a
 * fixed number of lanes, over epochs in ascending order.
 *
 * <p>Where the denominator is 0, R being the average in every epoch, no score exists. Where nobody
 * can be scored there are no averages either.
 *
 * <p>Immutable and thread-safe, as long as nobody writes to the arrays it was given or gives. It
 * holds on to its columns, and 20 bytes a row: 8 for scores, 8 for a prefix of the numerators, 4
 * for counts of empty cells, of which {@link #advance} shares what it can; under {@link
 * MissingRule#OBSERVED} 8 more, for denominators.
 */
public final class Alignment {

  /**
   * How to score.
   *
   * @param highest the highest possible reward, R
   * @param missing what becomes of absent rewards
   * @param minEpochs how many epochs a sample must have been observed in, under {@link
   *     MissingRule#OBSERVED}; other rules ignore it
   */
  public record Rule(double highest, MissingRule missing, int minEpochs) {}

  private final Kernel kernel;
  private final Rule rule;
  private final Matrix matrix;
  private final Presence presence;
  private final Prefix prefix;
  private final double[] averages;
  private final double[] scores;
  private final int scored;
  private final boolean undefined;

  private Alignment(
      Kernel kernel,
      Rule rule,
      Matrix matrix,
      Presence presence,
      double[] averages,
      Prefix known,
      int keep) {
    this.kernel = kernel;
    this.rule = rule;
    this.matrix = matrix;
    this.presence = presence;
    this.averages = averages;
    this.scores = new double[matrix.rows()];
    AverageCurve curve = AverageCurve.of(averages, rule.highest());
    this.undefined = presence.count() > 0 && curve.denominator() == 0;
    if (undefined || presence.count() == 0) {
      Arrays.fill(scores, Double.NaN);
      this.prefix = Prefix.none();
      this.scored = 0;
    } else {
      this.prefix = known.score(matrix, kernel, presence, curve, keep, scores);
      this.scored = rule.missing() == MissingRule.OBSERVED ? numbers(scores) : presence.count();
    }
  }

  /**
   * Scores from nothing.
   *
   * @param columns {@code [epoch][row]}, in ascending order of epochs, only those that somebody has
   *     a reward in; a column shorter than {@code rows} is absent beyond its length; never modified
   * @param rows how many samples there are
   */
  public static Alignment of(List<float[]> columns, int rows, Rule rule) {
    return of(columns, rows, rule, Kernels.current());
  }

  static Alignment of(List<float[]> columns, int rows, Rule rule, Kernel kernel) {
    Matrix matrix = new Matrix(columns, rows, rule.missing());
    int[][] absences = new int[Blocks.count(rows)][];
    Averages averages = new Averages(matrix, kernel);
    boolean[] all = all(matrix.epochs());
    int allowed = Presence.allowed(matrix, rule.minEpochs());
    Blocks.forEach(
        matrix,
        kernel,
        2 * matrix.epochs(),
        (tile, block, begin, end) -> {
          absences[block] = Presence.count(matrix, kernel, tile, begin, end);
          averages.add(tile, block, begin, end, absences[block], allowed, all);
        });
    Presence presence = Presence.of(matrix, rule.minEpochs(), absences);
    double[] curve = new double[matrix.epochs()];
    Arrays.setAll(curve, k -> averages.average(k, presence.count()));
    return new Alignment(
        kernel, rule, matrix, presence, curve, Prefix.none(), keep(matrix, matrix.epochs()));
  }

  /**
   * Scores what has become of the columns since. Gives the bits that {@link #of} gives, and reuses
   * what this instance knows: a column that is the same array is taken as unchanged. Where the same
   * rows are scored as before, a change in a column costs that column's average, and the columns
   * from there on, if these are the last two or were the last to change before; otherwise all
   * columns are read again.
   */
  public Alignment advance(List<float[]> columns, int rows, Rule rule) {
    if (!rule.equals(this.rule) || rows < matrix.rows() || presence.count() == 0) {
      return of(columns, rows, rule, kernel);
    }
    Matrix later = new Matrix(columns, rows, rule.missing());
    boolean[] stale = later.stale(matrix, later.epochs());
    if (rows == matrix.rows()
        && later.epochs() == matrix.epochs()
        && first(stale) == stale.length) {
      return this;
    }
    Presence present = presence.advance(later, kernel, rule.minEpochs());
    boolean agrees = present.agrees(presence);
    boolean[] moved = agrees ? stale : all(stale.length);
    double[] curve = curve(later, present, moved);
    int keep = keep(later, first(stale));
    boolean known = agrees && prefix.column() <= keep;
    return new Alignment(kernel, rule, later, present, curve, known ? prefix : Prefix.none(), keep);
  }

  private double[] curve(Matrix later, Presence present, boolean[] moved) {
    Averages sums = new Averages(later, kernel);
    sums.addAll(present, moved, number(moved));
    double[] curve = Arrays.copyOf(averages, moved.length);
    for (int k = 0; k < moved.length; k++) {
      curve[k] = moved[k] ? sums.average(k, present.count()) : curve[k];
    }
    return curve;
  }

  /**
   * The column to keep the sums before: the first that the next change is likely to touch, which is
   * the last one or the first that changed now. With {@link MissingRule#BACKFILL} an epoch also
   * changes the one before.
   */
  private static int keep(Matrix matrix, int changed) {
    int last = matrix.epochs() - (matrix.missing() == MissingRule.BACKFILL ? 2 : 1);
    return Math.max(0, Math.min(last, changed));
  }

  private static boolean[] all(int length) {
    boolean[] all = new boolean[length];
    Arrays.fill(all, true);
    return all;
  }

  private static int first(boolean[] marked) {
    int k = 0;
    while (k < marked.length && !marked[k]) {
      k++;
    }
    return k;
  }

  private static int number(boolean[] marked) {
    int number = 0;
    for (boolean mark : marked) {
      number += mark ? 1 : 0;
    }
    return number;
  }

  private static int numbers(double[] scores) {
    int numbers = 0;
    for (double score : scores) {
      numbers += Double.isNaN(score) ? 0 : 1;
    }
    return numbers;
  }

  /** The rule it was scored by. */
  public Rule rule() {
    return rule;
  }

  /**
   * r_avg^k for each column, NaN where no sample that counts has a reward. Not a copy: not to be
   * modified.
   */
  public double[] averages() {
    return averages;
  }

  /** s_i for each row, NaN where the sample is unscored. Not a copy: not to be modified. */
  public double[] scores() {
    return scores;
  }

  /** How many rows have a score. */
  public int scored() {
    return scored;
  }

  /** Whether no score exists because the average equals the highest reward in every epoch. */
  public boolean undefined() {
    return undefined;
  }
}
