package dev.lim.scoring;

import java.util.Arrays;

/**
 * What a history says by its moments: how widely it is spread, and how steadily it rises.
 *
 * <p>Rewards are taken relative to the row's first one, so that a history that does not change has
 * a variance of exactly 0, whatever its reward. Sums are in double, in ascending order of epochs.
 * Scores are by row; NaN for rows that the missing rule leaves unscored.
 *
 * <p>An instance holds the sums of one block of rows at a time.
 */
public final class Moments implements Histories.Fold {

  private final int epochs;

  /** Whether correlations with the time are wanted, not deviations. */
  private final boolean timed;

  private final float[] first = new float[RowBlocks.ROWS];
  private final double[] sums = new double[RowBlocks.ROWS];
  private final double[] squares = new double[RowBlocks.ROWS];

  /** How many rewards a row has, and the sums of their times; only where rewards are absent. */
  private final double[] counts = new double[RowBlocks.ROWS];

  private final double[] times = new double[RowBlocks.ROWS];
  private final double[] timeSquares = new double[RowBlocks.ROWS];
  private final double[] products = new double[RowBlocks.ROWS];
  private int rows;
  private boolean gaps;

  private Moments(int epochs, boolean timed) {
    this.epochs = epochs;
    this.timed = timed;
  }

  /** The population standard deviation of each row's rewards. */
  public static double[] deviations(Histories histories) {
    return histories.scores(() -> new Moments(histories.epochs(), false));
  }

  /**
   * The Pearson correlation of each row's rewards with the number of their column; 0 where they do
   * not change, or there is one only.
   */
  public static double[] correlations(Histories histories) {
    return histories.scores(() -> new Moments(histories.epochs(), true));
  }

  @Override
  public void begin(int count, boolean someAbsent) {
    rows = count;
    gaps = someAbsent;
    Arrays.fill(first, Float.NaN);
    for (double[] each : new double[][] {sums, squares, counts, times, timeSquares, products}) {
      Arrays.fill(each, 0);
    }
  }

  @Override
  public void add(int k, float[] cells, int at) {
    double time = k - (epochs - 1) / 2.0;
    if (gaps) {
      addPresent(cells, at);
    } else {
      addAll(k, cells, at);
    }
    if (timed && gaps) {
      addPresentTimes(time, cells, at);
    } else if (timed) {
      addAllTimes(time, cells, at);
    }
  }

  @Override
  public double score(int i) {
    return timed ? correlation(i) : deviation(i);
  }

  private double deviation(int i) {
    double count = count(i);
    return Math.sqrt(Math.max(0, spread(i, count) / count));
  }

  private double correlation(int i) {
    double count = count(i);
    double rewards = spread(i, count);
    double spread = timeSpread(i, count);
    if (!(rewards > 0 && spread > 0)) {
      return 0;
    }
    double product = products[i] - times[i] * sums[i] / count;
    return Math.clamp(product / (Math.sqrt(rewards) * Math.sqrt(spread)), -1.0, 1.0);
  }

  private double count(int i) {
    return gaps ? counts[i] : epochs;
  }

  private double spread(int i, double count) {
    return squares[i] - sums[i] * sums[i] / count;
  }

  /** Sums of halves and their squares are exact: the same, whether rewards of others are absent. */
  private double timeSpread(int i, double count) {
    return gaps ? timeSquares[i] - times[i] * times[i] / count : count * (count * count - 1) / 12;
  }

  private void addAll(int k, float[] cells, int at) {
    if (k == 0) {
      System.arraycopy(cells, at, first, 0, rows);
      return;
    }
    for (int i = 0, c = at; i < rows; i++, c++) {
      double reward = (double) cells[c] - first[i];
      sums[i] += reward;
      squares[i] += reward * reward;
    }
  }

  private void addAllTimes(double time, float[] cells, int at) {
    for (int i = 0, c = at; i < rows; i++, c++) {
      products[i] += time * ((double) cells[c] - first[i]);
    }
  }

  private void addPresent(float[] cells, int at) {
    for (int i = 0, c = at; i < rows; i++, c++) {
      float cell = cells[c];
      boolean absent = Float.isNaN(cell);
      first[i] = Float.isNaN(first[i]) ? cell : first[i];
      double reward = absent ? 0 : (double) cell - first[i];
      sums[i] += reward;
      squares[i] += reward * reward;
      counts[i] += absent ? 0 : 1;
    }
  }

  private void addPresentTimes(double time, float[] cells, int at) {
    for (int i = 0, c = at; i < rows; i++, c++) {
      float cell = cells[c];
      boolean absent = Float.isNaN(cell);
      double present = absent ? 0 : time;
      times[i] += present;
      timeSquares[i] += present * present;
      products[i] += absent ? 0 : time * ((double) cell - first[i]);
    }
  }
}
