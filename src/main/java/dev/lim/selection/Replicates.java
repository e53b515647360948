package dev.lim.selection;

import dev.lim.scoring.RowSet;
import java.util.Arrays;
import java.util.List;

/**
 * What became of a subset when its run was done again with other luck: every cell's rollouts drawn
 * anew, scored, and selected from, some times over. Immutable.
 *
 * <p>The Jaccard of two such replicates estimates that of two whole runs that differ in nothing but
 * the luck of sampling (bootstrap; Efron 1979). All pairs are looked at; percentiles are
 * interpolated linearly between the pairs in ascending order.
 */
public final class Replicates {

  private final int count;
  private final int[] selected;
  private final double[] jaccards;
  private final long single;
  private final long cells;

  Replicates(int rows, List<RowSet> subsets, long single, long cells) {
    this.count = subsets.size();
    this.selected = new int[rows];
    this.single = single;
    this.cells = cells;
    subsets.forEach(subset -> subset.count(selected));
    this.jaccards = new double[count * (count - 1) / 2];
    for (int i = 1, pair = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        jaccards[pair++] = subsets.get(i).jaccard(subsets.get(j));
      }
    }
    Arrays.sort(jaccards);
  }

  /** How many there are; 2 or more. */
  public int count() {
    return count;
  }

  /** The share of replicates that select a row. */
  public double inclusion(int row) {
    return (double) selected[row] / count;
  }

  /** The mean Jaccard of two replicates. */
  public double mean() {
    double sum = 0;
    for (double jaccard : jaccards) {
      sum += jaccard;
    }
    return sum / jaccards.length;
  }

  /** A percentile of the Jaccard of two replicates; {@code share} from 0 to 1. */
  public double percentile(double share) {
    double place = share * (jaccards.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, jaccards.length - 1);
    return jaccards[below] + (place - below) * (jaccards[above] - jaccards[below]);
  }

  /** How many samples in an epoch were observed. */
  public long cells() {
    return cells;
  }

  /**
   * How many of them with one rollout only: it shows nothing of luck and is kept, so that the true
   * overlap is lower.
   */
  public long single() {
    return single;
  }
}
