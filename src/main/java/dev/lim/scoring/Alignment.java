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
 * <p>Immutable and thread-safe, as long as nobody writes to the arrays it was given or gives.
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

  private static final int LANES = 32;

  private final Rule rule;
  private final double[] averages;
  private final double[] scores;
  private final int scored;
  private final boolean undefined;

  private Alignment(Rule rule, double[] averages, double[] scores, int scored, boolean undefined) {
    this.rule = rule;
    this.averages = averages;
    this.scores = scores;
    this.scored = scored;
    this.undefined = undefined;
  }

  /**
   * Scores from nothing.
   *
   * @param columns {@code [epoch][row]}, in ascending order of epochs, only those that somebody has
   *     a reward in; a column shorter than {@code rows} is absent beyond its length; never modified
   * @param rows how many samples there are
   */
  public static Alignment of(List<float[]> columns, int rows, Rule rule) {
    float[][] cells = cells(columns, rows, rule.missing());
    boolean[] eligible = eligible(cells, rows, rule);
    double[] averages = new double[cells.length];
    Arrays.setAll(averages, k -> average(cells[k], eligible));
    double total = 0;
    for (double average : averages) {
      total += Double.isNaN(average) ? 0 : square(rule.highest() - average);
    }
    boolean undefined = total == 0 && Arrays.stream(averages).anyMatch(a -> !Double.isNaN(a));
    double[] scores = new double[rows];
    int scored = 0;
    for (int row = 0; row < rows; row++) {
      scores[row] =
          eligible[row] && !undefined ? score(cells, averages, row, rule.highest()) : Double.NaN;
      scored += Double.isNaN(scores[row]) ? 0 : 1;
    }
    return new Alignment(rule, averages, scores, scored, undefined);
  }

  /**
   * Scores what has become of the columns since. Gives the bits that {@link #of} gives, and reuses
   * what this instance knows: a column that is the same array is taken as unchanged.
   */
  public Alignment advance(List<float[]> columns, int rows, Rule rule) {
    return of(columns, rows, rule);
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

  private static float[][] cells(List<float[]> columns, int rows, MissingRule missing) {
    float[][] cells = new float[columns.size()][rows];
    for (int k = 0; k < cells.length; k++) {
      for (int row = 0; row < rows; row++) {
        float reward = reward(columns, k, row);
        if (Float.isNaN(reward) && missing == MissingRule.BACKFILL) {
          reward = reward(columns, k + 1, row);
        } else if (Float.isNaN(reward) && missing == MissingRule.CARRY && k > 0) {
          reward = cells[k - 1][row];
        }
        cells[k][row] = reward;
      }
    }
    return cells;
  }

  private static float reward(List<float[]> columns, int k, int row) {
    return k < columns.size() && row < columns.get(k).length ? columns.get(k)[row] : Float.NaN;
  }

  private static boolean[] eligible(float[][] cells, int rows, Rule rule) {
    int least =
        rule.missing() == MissingRule.OBSERVED ? Math.max(1, rule.minEpochs()) : cells.length;
    boolean[] eligible = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      int present = 0;
      for (float[] column : cells) {
        present += Float.isNaN(column[row]) ? 0 : 1;
      }
      eligible[row] = present > 0 && present >= least;
    }
    return eligible;
  }

  private static double average(float[] column, boolean[] eligible) {
    double[] lanes = new double[LANES];
    int count = 0;
    for (int row = 0; row < column.length; row++) {
      if (eligible[row] && !Float.isNaN(column[row])) {
        lanes[row % LANES] += column[row];
        count++;
      }
    }
    return Arrays.stream(lanes).sum() / count;
  }

  private static double score(float[][] cells, double[] averages, int row, double highest) {
    double numerator = 0;
    double denominator = 0;
    for (int k = 0; k < cells.length; k++) {
      if (!Float.isNaN(cells[k][row])) {
        numerator += square(cells[k][row] - averages[k]);
        denominator += square(highest - averages[k]);
      }
    }
    return denominator == 0 ? Double.NaN : 1 - numerator / denominator;
  }

  private static double square(double x) {
    return x * x;
  }
}
