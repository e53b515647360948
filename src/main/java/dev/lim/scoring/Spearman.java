package dev.lim.scoring;

/**
 * Spearman's rank correlation of two rankings over the rows that both rank (Spearman 1904; with
 * average ranks for ties, as Kendall and Gibbons, "Rank Correlation Methods", chapter 3).
 *
 * <pre>
 *   rho = sum_i (a_i - m) (b_i - m) / sqrt( sum_i (a_i - m)^2 * sum_i (b_i - m)^2 ),   m = (n + 1) / 2
 * </pre>
 *
 * <p>a_i and b_i are ranks among those n rows; rows of the same score share the average of the
 * ranks that they take up. Both orders are walked once; nothing is sorted that was not. The sums
 * are taken in the order of the first ranking, so that they do not depend on who posted first.
 */
public final class Spearman {

  private Spearman() {}

  /**
   * From -1 to 1; NaN where fewer than two rows have a rank in both, or where all of them are tied
   * in one.
   */
  public static double correlation(Ranking a, Ranking b) {
    int[] ranksOfA = ranks(a, b);
    int[] ranksOfB = ranks(b, a);
    double products = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int row : a.rows()) {
      if (b.ranks(row)) {
        double x = ranksOfA[row];
        double y = ranksOfB[row];
        products += x * y;
        squaresOfA += x * x;
        squaresOfB += y * y;
      }
    }
    if (squaresOfA == 0 || squaresOfB == 0) {
      return Double.NaN;
    }
    double rho = products / Math.sqrt(squaresOfA * squaresOfB);
    return Math.max(-1, Math.min(1, rho));
  }

  /** By row, twice the distance of its average rank from the middle: a whole number. */
  private static int[] ranks(Ranking of, Ranking other) {
    int[] sorted = of.rows();
    int[] ranks = new int[of.rowCount()];
    int count = 0;
    for (int from = 0, to; from < sorted.length; from = to) {
      double score = of.score(sorted[from]);
      int tied = 0;
      for (to = from; to < sorted.length && of.score(sorted[to]) == score; to++) {
        tied += other.ranks(sorted[to]) ? 1 : 0;
      }
      // Ranks count + 1 to count + tied; twice their average.
      for (int i = from; i < to; i++) {
        ranks[sorted[i]] = 2 * count + tied + 1;
      }
      count += tied;
    }
    for (int row : sorted) {
      ranks[row] -= count + 1;
    }
    return ranks;
  }
}
