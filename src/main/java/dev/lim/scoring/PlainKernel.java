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
  public Total summarize(float[] values, int from, int to, long[] present) {
    double sum = 0;
    float most = 0;
    float grain = Float.POSITIVE_INFINITY;
    for (int row = from; row < to; row++) {
      float value = values[row];
      if (!Float.isNaN(value)) {
        present[row / Long.SIZE] |= 1L << row;
        sum += value;
        most = Math.max(most, Math.abs(value));
        grain = Math.min(grain, Total.grain(value));
      }
    }
    return new Total(sum, most, grain);
  }

  @Override
  public void sum(Tile tile, double[] sums) {
    for (int j = 0; j < tile.count(); j++) {
      double[] lanes = new double[LANES];
      sum(lanes, tile, j, 0);
      sums[tile.from() + j] = Kernel.combine(lanes);
    }
  }

  static void sum(double[] lanes, Tile tile, int j, int from) {
    float[] values = tile.values(j);
    float[] instead = tile.substitute(j);
    int[] mask = tile.mask();
    int at = tile.at();
    int insteadAt = tile.substituteAt();
    int whole = tile.length() / LANES * LANES;
    for (int i = from; i < whole; i += LANES) {
      for (int lane = 0, r = i; lane < LANES; lane++, r++) {
        float cell = cell(values, at + r, instead, insteadAt + r);
        lanes[lane] += mask[r] != 0 ? cell : 0;
      }
    }
    for (int lane = 0, r = whole; r < tile.length(); lane++, r++) {
      float cell = cell(values, at + r, instead, insteadAt + r);
      lanes[lane] += mask[r] != 0 ? cell : 0;
    }
  }

  @Override
  public void square(
      Tile tile, double[] averages, double[] from, int fromAt, double[] to, int toAt) {
    square(tile, averages, from, fromAt, to, toAt, 0);
  }

  static void square(
      Tile tile, double[] averages, double[] from, int fromAt, double[] to, int toAt, int first) {
    if (first < tile.length()) {
      System.arraycopy(from, fromAt + first, to, toAt + first, tile.length() - first);
    }
    for (int j = 0; j < tile.count(); j++) {
      square(tile, j, averages[tile.from() + j], to, toAt, first);
    }
  }

  private static void square(
      Tile tile, int j, double average, double[] numerators, int at, int first) {
    float[] values = tile.values(j);
    float[] fallback = tile.fallback(j);
    for (int i = first, v = tile.at() + first; i < tile.length(); i++, v++) {
      double distance = cell(values, v, fallback, v) - average;
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
  public void score(double[] numerators, int at, int length, double denominator) {
    for (int i = at; i < at + length; i++) {
      numerators[i] = 1 - numerators[i] / denominator;
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

  private static float cell(float[] values, int v, float[] instead, int w) {
    float value = values[v];
    return Float.isNaN(value) ? instead[w] : value;
  }
}
