package dev.lim.reward;

import dev.lim.run.RewardKind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fold of one epoch's batches in force, by row of its matrix; immutable. Rows beyond {@link
 * #length} were not observed. 16 bytes a row, and 4 more for each kind of reward that is asked for.
 */
public final class EpochColumn {

  private final double[] sum;
  private final int[] rollouts;
  private final int[] solved;
  private final int batches;
  private final boolean whole;
  private final int samples;
  private final long totalRollouts;
  private final long aboveMax;
  private float @Nullable [] mean;
  private float @Nullable [] accuracy;

  private EpochColumn(Fold fold) {
    this.sum = fold.sum;
    this.rollouts = fold.rollouts;
    this.solved = fold.solved;
    this.batches = fold.batches;
    this.whole = fold.whole;
    this.aboveMax = fold.aboveMax;
    int observed = 0;
    long total = 0;
    for (int count : rollouts) {
      observed += count > 0 ? 1 : 0;
      total += count;
    }
    this.samples = observed;
    this.totalRollouts = total;
  }

  /** Rows that this column has; any beyond were not observed. */
  public int length() {
    return rollouts.length;
  }

  public boolean observed(int row) {
    return row < rollouts.length && rollouts[row] > 0;
  }

  /** Rollouts in force of a row. */
  public int rollouts(int row) {
    return row < rollouts.length ? rollouts[row] : 0;
  }

  /** Rollouts of a row with a reward of {@code correctAt} or more. */
  public int solved(int row) {
    return row < solved.length ? solved[row] : 0;
  }

  /** r_i^k in double, of a row that was observed. */
  public double reward(int row, RewardKind kind) {
    return (kind == RewardKind.MEAN ? sum[row] : solved[row]) / rollouts[row];
  }

  /**
   * r_i^k as float32 by row, NaN where not observed. Always the same array for the same column; do
   * not modify.
   */
  public synchronized float[] rewards(RewardKind kind) {
    float[] known = kind == RewardKind.MEAN ? mean : accuracy;
    if (known != null) {
      return known;
    }
    float[] made = new float[rollouts.length];
    for (int row = 0; row < made.length; row++) {
      // 0 / 0 is NaN: not observed.
      made[row] =
          (float) ((kind == RewardKind.MEAN ? sum[row] : solved[row]) / (double) rollouts[row]);
    }
    if (kind == RewardKind.MEAN) {
      mean = made;
    } else {
      accuracy = made;
    }
    return made;
  }

  /** How many batches are in force; never 0. */
  public int batches() {
    return batches;
  }

  /** Whether the epoch was sent whole. */
  public boolean whole() {
    return whole;
  }

  /** How many samples were observed. */
  public int samples() {
    return samples;
  }

  public long totalRollouts() {
    return totalRollouts;
  }

  /** Rollouts with a reward above the highest possible. */
  long aboveMax() {
    return aboveMax;
  }

  long bytes() {
    return 24L * rollouts.length + 200;
  }

  /** A column being folded; not thread-safe. */
  static final class Fold {

    private final float correctAt;
    private final float rewardMax;
    private double[] sum;
    private int[] rollouts;
    private int[] solved;
    private int batches;
    private boolean whole;
    private long aboveMax;

    Fold(float correctAt, float rewardMax, @Nullable EpochColumn from) {
      this.correctAt = correctAt;
      this.rewardMax = rewardMax;
      if (from == null) {
        sum = new double[0];
        rollouts = new int[0];
        solved = new int[0];
      } else {
        sum = from.sum.clone();
        rollouts = from.rollouts.clone();
        solved = from.solved.clone();
        batches = from.batches;
        whole = from.whole;
        aboveMax = from.aboveMax;
      }
    }

    /** Adds a batch; {@code rows[i]} is the row of its i-th sample, all below {@code length}. */
    void add(Rewards rewards, int[] rows, int length, boolean isWhole) {
      if (length > sum.length) {
        grow(length);
      }
      float[] values = rewards.values();
      for (int i = 0, v = 0; i < rows.length; i++) {
        int row = rows[i];
        double total = sum[row];
        int correct = solved[row];
        for (int end = v + rewards.rollouts()[i]; v < end; v++) {
          total += values[v];
          correct += values[v] >= correctAt ? 1 : 0;
          aboveMax += values[v] > rewardMax ? 1 : 0;
        }
        sum[row] = total;
        solved[row] = correct;
        rollouts[row] += rewards.rollouts()[i];
      }
      batches++;
      whole |= isWhole;
    }

    private void grow(int length) {
      sum = Arrays.copyOf(sum, length);
      rollouts = Arrays.copyOf(rollouts, length);
      solved = Arrays.copyOf(solved, length);
    }

    /** The column; null where no batch is in force. Ends the fold. */
    @Nullable EpochColumn column() {
      return batches == 0 ? null : new EpochColumn(this);
    }
  }
}
