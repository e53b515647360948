package dev.lim.scoring;

/**
 * The kernel in plain Java. Its loops over a range of rows also end what vectors begin; ranges
 * start at a multiple of the lanes.
 */
final class PlainKernel implements Kernel {

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public void count(Tile tile, int[] absences, int at, int step) {
    for (int j = 0; j < tile.count(); j++) {
      count(tile, j, absences, at, step, 0);
    }
  }

  static void count(Tile tile, int j, int[] absences, int at, int step, int from) {
    float[] values = tile.values(j);
    float[] fallback = tile.fallback(j);
    for (int i = from; i < tile.length(); i++) {
      absences[at + i] += Float.isNaN(cell(values, fallback, tile.at() + i)) ? step : 0;
    }
  }

  @Override
  public void sum(Tile tile, int[] absences, int allowed, double[] sums) {
    for (int j = 0; j < tile.count(); j++) {
      double[] lanes = new double[LANES];
      float[] values = tile.values(j);
      sum(lanes, values, tile.fallback(j), tile.at(), absences, allowed, 0, tile.length());
      sums[tile.from() + j] = Kernel.combine(lanes);
    }
  }

  static void sum(
      double[] lanes,
      float[] values,
      float[] fallback,
      int at,
      int[] absences,
      int allowed,
      int from,
      int to) {
    int whole = from + (to - from) / LANES * LANES;
    for (int i = from; i < whole; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        float cell = cell(values, fallback, at + i + lane);
        lanes[lane] += absences[i + lane] <= allowed && !Float.isNaN(cell) ? cell : 0;
      }
    }
    for (int i = whole; i < to; i++) {
      float cell = cell(values, fallback, at + i);
      lanes[i - whole] += absences[i] <= allowed && !Float.isNaN(cell) ? cell : 0;
    }
  }

  @Override
  public void population(Tile tile, int[] absences, int allowed, int[] counts) {
    for (int j = 0; j < tile.count(); j++) {
      counts[tile.from() + j] =
          population(tile.values(j), tile.at(), absences, allowed, 0, tile.length());
    }
  }

  static int population(float[] values, int at, int[] absences, int allowed, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += absences[i] <= allowed && !Float.isNaN(values[at + i]) ? 1 : 0;
    }
    return count;
  }

  @Override
  public void square(Tile tile, double[] averages, double[] numerators, int at) {
    for (int j = 0; j < tile.count(); j++) {
      square(tile, j, averages[tile.from() + j], numerators, at, 0);
    }
  }

  static void square(Tile tile, int j, double average, double[] numerators, int at, int from) {
    float[] values = tile.values(j);
    float[] fallback = tile.fallback(j);
    for (int i = from; i < tile.length(); i++) {
      double distance = cell(values, fallback, tile.at() + i) - average;
      numerators[at + i] += distance * distance;
    }
  }

  @Override
  public void squareObserved(
      Tile tile,
      double[] averages,
      double[] weights,
      double[] numerators,
      double[] denominators,
      int at) {
    for (int j = 0; j < tile.count(); j++) {
      int k = tile.from() + j;
      squareObserved(tile, j, averages[k], weights[k], numerators, denominators, at, 0);
    }
  }

  static void squareObserved(
      Tile tile,
      int j,
      double average,
      double weight,
      double[] numerators,
      double[] denominators,
      int at,
      int from) {
    float[] values = tile.values(j);
    for (int i = from; i < tile.length(); i++) {
      float value = values[tile.at() + i];
      double distance = value - average;
      numerators[at + i] += Float.isNaN(value) ? 0 : distance * distance;
      denominators[at + i] += Float.isNaN(value) ? 0 : weight;
    }
  }

  @Override
  public void score(double[] numerators, double denominator, double[] scores, int at) {
    score(numerators, denominator, scores, at, 0);
  }

  static void score(double[] numerators, double denominator, double[] scores, int at, int from) {
    for (int i = from; i < numerators.length; i++) {
      scores[at + i] = 1 - numerators[i] / denominator;
    }
  }

  @Override
  public void carry(float[] column, int at, float[] before, float[] cells, int length) {
    carry(column, at, before, cells, 0, length);
  }

  static void carry(float[] column, int at, float[] before, float[] cells, int from, int to) {
    for (int i = from; i < to; i++) {
      float value = column[at + i];
      cells[i] = Float.isNaN(value) ? before[i] : value;
    }
  }

  private static float cell(float[] values, float[] fallback, int v) {
    float value = values[v];
    return Float.isNaN(value) ? fallback[v] : value;
  }
}
