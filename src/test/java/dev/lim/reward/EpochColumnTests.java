package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import dev.lim.run.RewardKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Folds of packed batches against a plain fold of the same rewards. */
class EpochColumnTests {

  private final Random random = new Random(Seed.of(getClass()));

  /** Batches of one epoch, and what they come to, by row. */
  private static final class Epoch {
    private final float correctAt;
    private final float rewardMax;
    private final List<Rewards> batches = new ArrayList<>();
    private double[] sum = {};
    private int[] rollouts = {};
    private int[] solved = {};
    private long aboveMax;

    Epoch(float correctAt, float rewardMax) {
      this.correctAt = correctAt;
      this.rewardMax = rewardMax;
    }

    void add(Rewards batch) {
      batches.add(batch);
      int rows = batch.ordinals()[batch.samples() - 1] + 1;
      if (rows > sum.length) {
        sum = Arrays.copyOf(sum, rows);
        rollouts = Arrays.copyOf(rollouts, rows);
        solved = Arrays.copyOf(solved, rows);
      }
      for (int i = 0, v = 0; i < batch.samples(); i++) {
        int row = batch.ordinals()[i];
        for (int end = v + batch.rollouts()[i]; v < end; v++) {
          sum[row] += batch.values()[v];
          solved[row] += batch.values()[v] >= correctAt ? 1 : 0;
          aboveMax += batch.values()[v] > rewardMax ? 1 : 0;
        }
        rollouts[row] += batch.rollouts()[i];
      }
    }

    /** In one fold, or in several that follow each other. */
    void requireSame(int batchesAFold) {
      PackedRewards packed = new PackedRewards();
      @Nullable EpochColumn column = null;
      int length = 0;
      for (int from = 0; from < batches.size(); from += batchesAFold) {
        EpochColumn.Fold fold = new EpochColumn.Fold(correctAt, rewardMax, column);
        for (Rewards batch : batches.subList(from, Math.min(from + batchesAFold, batches.size()))) {
          packed.of(RewardCodec.pack(batch));
          int[] rows = packed.ordinals(new int[1]);
          length = Math.max(length, rows[packed.samples() - 1] + 1);
          fold.add(packed, rows, length, false);
        }
        column = fold.column();
      }
      requireSame(Objects.requireNonNull(column));
    }

    private void requireSame(EpochColumn column) {
      assertThat(column.length()).isEqualTo(sum.length);
      assertThat(column.batches()).isEqualTo(batches.size());
      assertThat(column.aboveMax()).isEqualTo(aboveMax);
      assertThat(column.totalRollouts()).isEqualTo(Arrays.stream(rollouts).sum());
      assertThat(column.samples()).isEqualTo(Arrays.stream(rollouts).filter(n -> n > 0).count());
      float[] means = column.rewards(RewardKind.MEAN).values();
      for (int row = 0; row < sum.length; row++) {
        assertThat(column.rollouts(row)).isEqualTo(rollouts[row]);
        assertThat(column.solved(row)).isEqualTo(solved[row]);
        if (rollouts[row] > 0) {
          assertThat(Double.doubleToRawLongBits(column.reward(row, RewardKind.MEAN)))
              .isEqualTo(Double.doubleToRawLongBits(sum[row] / rollouts[row]));
        }
        assertThat(Float.compare(means[row], (float) (sum[row] / rollouts[row]))).isZero();
      }
    }
  }

  @Test
  void batchesOfEveryFormAddUp() {
    for (int rollouts : new int[] {1, 2, 3, 7, 8, 9, 12, 13, 16}) {
      for (int kinds : new int[] {1, 2, 3, 16, 200, 300}) {
        for (float rewardMax : new float[] {1, 0.3f}) {
          Epoch epoch = new Epoch(0.5f, rewardMax);
          for (int b = 0; b < 12; b++) {
            // Some bring samples that had rewards before, and other rewards than the batch before.
            epoch.add(batch(random.nextInt(400), 60 + random.nextInt(60), rollouts, kinds, b / 3));
          }
          epoch.requireSame(12);
          epoch.requireSame(5);
        }
      }
    }
  }

  @Test
  void cellsThatBecomeManyAreTheSame() {
    for (int kinds : new int[] {12, 300, Integer.MAX_VALUE}) {
      Epoch epoch = new Epoch(0.5f, 1);
      for (int b = 0; b < 30; b++) {
        epoch.add(batch(b * 3_000, 4_000, 3, kinds, 0));
      }
      epoch.requireSame(30);
      epoch.requireSame(29);
    }
  }

  private Rewards batch(int first, int samples, int rollouts, int kinds, int variant) {
    int[] ordinals = new int[samples];
    Arrays.setAll(ordinals, i -> first + i);
    int[] each = new int[samples];
    Arrays.fill(each, rollouts);
    if (variant == 3) {
      each[samples - 1]++;
    }
    float[] values = new float[Arrays.stream(each).sum()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          kinds == Integer.MAX_VALUE
              ? random.nextFloat()
              : (random.nextInt(kinds) + variant % 2) * 0.37f % 1.1f;
    }
    return new Rewards(ordinals, each, values);
  }
}
