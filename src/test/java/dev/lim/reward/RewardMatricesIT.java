package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.run.RewardKind;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.transaction.PlatformTransactionManager;

/** Matrices in as little memory as a large run would find. */
@IntegrationTest
class RewardMatricesIT {

  /** 16 bytes and 4 for each cell, as all sums differ, and 12 a sample. */
  private static final int SAMPLES = 400;

  @Autowired Runs runs;
  @Autowired RewardLog log;
  @Autowired PlatformTransactionManager transactions;
  @Autowired RewardMatrices roomy;
  @LocalServerPort int port;
  private Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void aRunThatIsLargerThanTheBoundIsRefusedUntilItIsSmaller() {
    RewardMatrices tight = matrices(1 << 18);
    String large = run(12);
    String other = run(1);
    assertTooLarge(tight, large);
    assertTooLarge(tight, large);
    assertSame(tight, other);
    for (int epoch = 2; epoch <= 12; epoch++) {
      http.delete("/runs/" + large + "/epochs/" + epoch + "/batches/epoch");
    }
    assertSame(tight, large);
  }

  @Test
  void largeRunsThatAreAskedForAtOnceComeOneAfterAnother() throws Exception {
    RewardMatrices tight = matrices(1 << 18);
    ConcurrentLinkedQueue<UUID> gone = new ConcurrentLinkedQueue<>();
    tight.onChange((UUID run, float _, @Nullable RewardMatrix present) -> {
      if (present == null) {
        gone.add(run);
      }
    });
    List<String> large = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      large.add(run(6));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String run = large.get(i % large.size());
        readers.add(threads.submit(() -> assertSame(tight, run)));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
    assertThat(gone).isNotEmpty();
  }

  @Test
  void aMatrixIsBroughtForwardAsItIsFoldedAnew() {
    RewardMatrices growing = matrices(1 << 24);
    String run = run(2);
    assertSame(growing, run);
    Random random = new Random(7);
    for (int i = 0; i < 6; i++) {
      http.put("/runs/" + run + "/epochs/" + (3 + i / 2) + "/batches/b" + i % 2, epoch(random, i));
      assertSame(growing, run);
      assertSame(matrices(1 << 24), run);
    }
    http.put("/runs/" + run + "/epochs/4/batches/b0", epoch(random, 9));
    http.delete("/runs/" + run + "/epochs/3/batches/b1");
    assertSame(growing, run);
    assertSame(matrices(1 << 24), run);
  }

  private RewardMatrices matrices(long heap) {
    return new RewardMatrices(runs, log, transactions, heap);
  }

  private String run(int epochs) {
    String run = "matrix-" + UUID.randomUUID();
    Random random = new Random(epochs);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", epoch(random, 0));
    }
    return run;
  }

  private static String epoch(Random random, int first) {
    StringBuilder json = new StringBuilder("{\"rewards\":[");
    for (int i = 0; i < SAMPLES; i++) {
      json.append(i == 0 ? "" : ",")
          .append("{\"sample\":\"s")
          .append(first * 100 + i)
          .append("\",\"values\":[")
          .append(random.nextFloat())
          .append(',')
          .append(random.nextFloat())
          .append("]}");
    }
    return json.append("]}").toString();
  }

  private static void assertTooLarge(RewardMatrices matrices, String run) {
    assertThatThrownBy(() -> matrices.read(run))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.RUN_TOO_LARGE));
  }

  private void assertSame(RewardMatrices matrices, String run) {
    RewardMatrix here = matrices.read(run).matrix();
    RewardMatrix there = roomy.read(run).matrix();
    assertThat(here.revision()).isEqualTo(there.revision());
    assertThat(here.rows()).isEqualTo(there.rows());
    assertThat(here.population()).isEqualTo(there.population());
    assertThat(here.columns().keySet()).isEqualTo(there.columns().keySet());
    for (int row = 0; row < here.rows(); row++) {
      assertThat(here.ordinal(row)).isEqualTo(there.ordinal(row));
    }
    // A column ends where nobody was observed any more; how far it goes on there does not matter.
    here.columns()
        .forEach((epoch, column) ->
            assertThat(rewards(column, here.rows()))
                .isEqualTo(
                    rewards(Objects.requireNonNull(there.columns().get(epoch)), here.rows())));
  }

  private static float[] rewards(EpochColumn column, int rows) {
    float[] rewards = new float[rows];
    Arrays.fill(rewards, Float.NaN);
    System.arraycopy(column.rewards(RewardKind.MEAN).values(), 0, rewards, 0, column.length());
    return rewards;
  }
}
