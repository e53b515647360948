package dev.lim.reward;

import dev.lim.run.RewardKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Folds made-up logs, over and over for about a second: of 0/1 rewards and of floats, some of them
 * in groups of one size and some not, some in force and some ended.
 */
final class FoldWarmUp {

  private static final long LONG_ENOUGH = Duration.ofSeconds(1).toNanos();
  private static final int EPOCHS = 2;
  private static final int BATCHES = 20;
  private static final int SAMPLES = 512;
  private static final int ROLLOUTS = 8;

  private final BooleanSupplier enough;
  private final SplittableRandom random = new SplittableRandom(1);

  /**
   * @param enough whether the first run is being loaded: that warms up by itself
   */
  FoldWarmUp(BooleanSupplier enough) {
    this.enough = enough;
  }

  void run() {
    try (ExecutorService folders =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
      run(folders);
    }
  }

  private void run(ExecutorService folders) {
    List<Made> logs = List.of(new Made(true), new Made(false));
    MatrixRoom room = new MatrixRoom(1L << 30, _ -> {});
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < LONG_ENOUGH && !enough.getAsBoolean()) {
      for (Made log : logs) {
        RewardMatrix matrix =
            room.fold(
                true,
                share ->
                    new MatrixFold(folders, new RewardMatrices.Key(new UUID(0, 0), 1, 1))
                        .advance(log, null, EPOCHS * BATCHES, share));
        matrix.columns().values().forEach(column -> column.rewards(RewardKind.MEAN));
      }
    }
  }

  /** A log in memory, of one page. */
  private final class Made implements MatrixFold.Log {

    private final List<RewardLog.Row> rows = new ArrayList<>();

    Made(boolean binary) {
      for (int i = 0; i < EPOCHS * BATCHES; i++) {
        rows.add(
            new RewardLog.Row(
                i + 1,
                1 + i / BATCHES,
                "part-" + i % BATCHES,
                i % BATCHES == 1 ? (long) i + 2 : null,
                RewardCodec.pack(batch(i % BATCHES, i % 7 == 6, binary))));
      }
    }

    private Rewards batch(int number, boolean uneven, boolean binary) {
      int[] rollouts = new int[SAMPLES];
      Arrays.fill(rollouts, ROLLOUTS);
      rollouts[0] += uneven ? 1 : 0;
      float[] values = new float[IntStream.of(rollouts).sum()];
      for (int v = 0; v < values.length; v++) {
        values[v] = binary ? random.nextInt(2) : random.nextFloat();
      }
      return new Rewards(
          IntStream.range(number * SAMPLES, (number + 1) * SAMPLES).toArray(), rollouts, values);
    }

    @Override
    public Set<Integer> epochsThatLost(long after, long through) {
      return Set.of();
    }

    @Override
    public List<RewardLog.Row> tail(long after, long through) {
      return after == 0 ? rows : List.of();
    }

    @Override
    public List<RewardLog.Row> epoch(int epoch, long after, long at) {
      return List.of();
    }
  }
}
