package dev.lim.scoring;

import java.util.Arrays;

/**
 * What a history says by its moments: how widely it is spread, and how steadily it rises.
 *
 * <p>Rewards are taken relative to the row's first one, so that a history that does not change has
 * a variance of exactly 0, whatever its reward. Sums are in double, in ascending order of epochs.
 * Scores are by row; NaN for rows that the missing rule leaves unscored.
 */
public final class Moments {

  private final Histories histories;
  private final float[] first;
  private final double[] sums;
  private final double[] squares;

  /** How many rewards a row has, and the sums of their times; only where rewards may be absent. */
  private final double[] counts;

  private final double[] times;
  private final double[] timeSquares;
  private final double[] products;

  private Moments(Histories histories, boolean inTime) {
    int rows = histories.rows();
    boolean gaps = histories.hasGaps();
    this.histories = histories;
    this.first = new float[rows];
    this.sums = new double[rows];
    this.squares = new double[rows];
    this.counts = new double[gaps ? rows : 0];
    this.times = new double[gaps && inTime ? rows : 0];
    this.timeSquares = new double[gaps && inTime ? rows : 0];
    this.products = new double[inTime ? rows : 0];
    Arrays.fill(first, Float.NaN);
    double middle = (histories.epochs() - 1) / 2.0;
    histories.forEach((k, cells, at, begin, end) -> {
      first(cells, at, begin, end);
      double time = k - middle;
      if (!gaps) {
        add(cells, at, begin, end);
        if (inTime) {
          addProducts(time, cells, at, begin, end);
        }
      } else {
        addPresent(cells, at, begin, end);
        if (inTime) {
          addPresentTimes(time, cells, at, begin, end);
        }
      }
    });
  }

  /** The population standard deviation of each row's rewards. */
  public static double[] deviations(Histories histories) {
    Moments moments = new Moments(histories, false);
    double[] scores = new double[histories.rows()];
    for (int row = 0; row < scores.length; row++) {
      double count = moments.count(row);
      scores[row] =
          histories.isScored(row)
              ? Math.sqrt(Math.max(0, moments.spread(row, count) / count))
              : Double.NaN;
    }
    return scores;
  }

  /**
   * The Pearson correlation of each row's rewards with the number of their column; 0 where they do
   * not change, or there is one only.
   */
  public static double[] correlations(Histories histories) {
    Moments moments = new Moments(histories, true);
    double[] scores = new double[histories.rows()];
    for (int row = 0; row < scores.length; row++) {
      scores[row] = histories.isScored(row) ? moments.correlation(row) : Double.NaN;
    }
    return scores;
  }

  private double correlation(int row) {
    double count = count(row);
    double rewards = spread(row, count);
    double times = timeSpread(row, count);
    if (!(rewards > 0 && times > 0)) {
      return 0;
    }
    double time = counts.length > 0 ? this.times[row] : 0;
    double product = products[row] - time * sums[row] / count;
    return Math.clamp(product / (Math.sqrt(rewards) * Math.sqrt(times)), -1.0, 1.0);
  }

  private double count(int row) {
    return counts.length > 0 ? counts[row] : histories.epochs();
  }

  private double spread(int row, double count) {
    return squares[row] - sums[row] * sums[row] / count;
  }

  private double timeSpread(int row, double count) {
    return counts.length > 0
        ? timeSquares[row] - times[row] * times[row] / count
        : count * (count * count - 1) / 12;
  }

  private void first(float[] cells, int at, int begin, int end) {
    for (int row = begin, i = at; row < end; row++, i++) {
      first[row] = Float.isNaN(first[row]) ? cells[i] : first[row];
    }
  }

  private void add(float[] cells, int at, int begin, int end) {
    for (int row = begin, i = at; row < end; row++, i++) {
      double reward = (double) cells[i] - first[row];
      sums[row] += reward;
      squares[row] += reward * reward;
    }
  }

  private void addProducts(double time, float[] cells, int at, int begin, int end) {
    for (int row = begin, i = at; row < end; row++, i++) {
      products[row] += time * ((double) cells[i] - first[row]);
    }
  }

  private void addPresent(float[] cells, int at, int begin, int end) {
    for (int row = begin, i = at; row < end; row++, i++) {
      float cell = cells[i];
      double reward = Float.isNaN(cell) ? 0 : (double) cell - first[row];
      sums[row] += reward;
      squares[row] += reward * reward;
      counts[row] += Float.isNaN(cell) ? 0 : 1;
    }
  }

  private void addPresentTimes(double time, float[] cells, int at, int begin, int end) {
    for (int row = begin, i = at; row < end; row++, i++) {
      float cell = cells[i];
      double present = Float.isNaN(cell) ? 0 : time;
      times[row] += present;
      timeSquares[row] += present * present;
      products[row] += Float.isNaN(cell) ? 0 : time * ((double) cell - first[row]);
    }
  }
}
