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
 * <p>The paper's formula has R = 1. {@link MissingRule} says what becomes of absent rewards. Sums
 * are in double, over samples in a fixed number of lanes, over epochs in ascending order.
 *
 * <p>Nobody can be squared against an average before the last reward has been summed. But where
 * sums of a column do not round, {@link Averages} knows the average from what {@link Column} knows,
 * so that scoring reads every column once.
 *
 * <p>Where the denominator is 0, R being the average in every epoch, no score exists. Where nobody
 * can be scored there are no averages either.
 *
 * <p>Immutable and thread-safe, as long as nobody writes to the arrays it gives. It holds on to its
 * columns, and 16 bytes a row: 8 for scores, 8 for a prefix of the numerators, of which {@link
 * #advance} shares what it can; under {@link MissingRule#OBSERVED} 8 more, for denominators.
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
  private final int columnsRead;
  private final double[] scores;
  private final int scored;
  private final boolean undefined;

  private Alignment(
      Kernel kernel,
      Rule rule,
      Matrix matrix,
      Presence presence,
      Averages averages,
      Prefix known,
      int keep) {
    this.kernel = kernel;
    this.rule = rule;
    this.matrix = matrix;
    this.presence = presence;
    this.averages = averages.values();
    this.columnsRead = averages.read();
    this.scores = new double[matrix.rows()];
    AverageCurve curve = AverageCurve.of(this.averages, rule.highest());
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
   * Scores from nothing but the columns.
   *
   * @param columns in ascending order of epochs, only those that somebody has a reward in; a column
   *     shorter than {@code rows} is absent beyond its length
   * @param rows how many samples there are
   * @throws IllegalArgumentException if a column is longer than that
   */
  public static Alignment of(List<Column> columns, int rows, Rule rule) {
    return of(columns, rows, rule, Kernels.current());
  }

  static Alignment of(List<Column> columns, int rows, Rule rule, Kernel kernel) {
    Matrix matrix = new Matrix(columns, rows, rule.missing(), kernel);
    Presence presence = Presence.of(matrix, rule.minEpochs());
    Averages averages = Averages.of(matrix, kernel, presence, all(matrix.epochs()), new double[0]);
    int keep = keep(matrix, matrix.epochs());
    return new Alignment(kernel, rule, matrix, presence, averages, Prefix.none(), keep);
  }

  /**
   * Scores what has become of the columns since. Gives the bits that {@link #of} gives, and reuses
   * what this instance knows: a column that is the same instance is taken as unchanged. Where the
   * same rows are scored as before, a change in a column costs the columns from there on, if these
   * are the last two or were the last to change before; otherwise all columns are read again.
   */
  public Alignment advance(List<Column> columns, int rows, Rule rule) {
    if (!rule.equals(this.rule) || rows < matrix.rows() || presence.count() == 0) {
      return of(columns, rows, rule, kernel);
    }
    Matrix later = new Matrix(columns, rows, rule.missing(), kernel);
    if (later.same(matrix)) {
      return this;
    }
    Presence present = later.samePresence(matrix) ? presence : Presence.of(later, rule.minEpochs());
    boolean agrees = present.agrees(presence);
    boolean[] stale = later.stale(matrix);
    Averages curve =
        Averages.of(later, kernel, present, agrees ? stale : all(stale.length), averages);
    int keep = keep(later, first(stale));
    boolean known = agrees && prefix.column() <= keep;
    return new Alignment(kernel, rule, later, present, curve, known ? prefix : Prefix.none(), keep);
  }

  /**
   * The column to keep the sums before: the first that the next change is likely to touch, which is
   * the last one, or one before whose cells it may change, or the first that changed now.
   */
  private static int keep(Matrix matrix, int changed) {
    int last = Math.max(0, matrix.epochs() - 1);
    return Math.min(last > 0 && matrix.reaches(last - 1) ? last - 1 : last, changed);
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

  /** How many columns had to be added up for their averages. */
  int columnsRead() {
    return columnsRead;
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
