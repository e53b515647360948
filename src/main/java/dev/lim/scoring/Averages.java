package dev.lim.scoring;

/**
 * The average reward curve, r_avg^k, of the rows that are scored: sums by block, {@code
 * [block][epoch]}, added in the order of blocks.
 */
final class Averages {

  private final Matrix matrix;
  private final Kernel kernel;
  private final double[][] sums;
  private final int[][] counts;

  Averages(Matrix matrix, Kernel kernel) {
    this.matrix = matrix;
    this.kernel = kernel;
    this.sums = new double[Blocks.count(matrix.rows())][matrix.epochs()];
    this.counts = new int[observed() ? sums.length : 0][matrix.epochs()];
  }

  private boolean observed() {
    return matrix.missing() == MissingRule.OBSERVED;
  }

  /** Sums the marked columns of a block. */
  void add(
      Tile tile, int block, int begin, int end, int[] absences, int allowed, boolean[] marked) {
    tile.each(
        begin,
        end,
        marked,
        matrix.epochs(),
        () -> {
          kernel.sum(tile, absences, allowed, sums[block]);
          if (observed()) {
            kernel.population(tile, absences, allowed, counts[block]);
          }
        });
  }

  /** Sums the marked columns of all blocks. */
  void addAll(Presence presence, boolean[] marked, int columns) {
    Blocks.forEach(
        matrix,
        kernel,
        columns,
        (tile, block, begin, end) ->
            add(tile, block, begin, end, presence.absences(block), presence.allowed(), marked));
  }

  /** The average of a column that was summed; NaN where no row counts. */
  double average(int k, int scored) {
    double sum = 0;
    for (double[] block : sums) {
      sum += block[k];
    }
    return sum / (observed() ? count(k) : scored);
  }

  private int count(int k) {
    int count = 0;
    for (int[] block : counts) {
      count += block[k];
    }
    return count;
  }
}
