package dev.lim.reliability;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Long form: {@code -Dlim.cycles=50}. */
class KilledPostgresqlIT {

  private static final int CYCLES = Integer.getInteger("lim.cycles", 3);

  /** What is promised, from when the server takes connections again. */
  private static final Duration RECOVERY = Duration.ofSeconds(5);

  @TempDir Path directory;

  @Test
  void theServersDeathIsWaitedForAndNothingAcknowledgedIsLost() throws Exception {
    try (PostgresqlServer server = new PostgresqlServer(directory.resolve("data"));
        ConfigurableApplicationContext service = Contexts.start(server.url());
        Trainer trainer = new Trainer("postmaster", () -> Contexts.port(service))) {
      trainer.begin(8);
      long worst = 0;
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(5, 300), Duration.ofMinutes(1));
        server.kill();
        trainer.requireNothingStrange();
        server.startAgain();
        long back = System.nanoTime();
        trainer.awaitMore(1, RECOVERY);
        worst = Math.max(worst, System.nanoTime() - back);
        try (Connection connection = server.connect()) {
          trainer.requireAcknowledgedIn(connection);
        }
      }
      trainer.end();
      trainer.requireServed();
      assertThat(trainer.wasTold(503)).as("writers met the server's absence").isTrue();
      System.out.printf(
          "kill -9 of the postmaster: %d times, %,d batches acknowledged, none lost; back after"
              + " %.1f s at worst%n",
          CYCLES, trainer.acknowledged(), worst / 1e9);
    }
  }

  @Test
  void aBackendsDeathIsWaitedForAndNothingAcknowledgedIsLost() throws Exception {
    try (PostgresqlServer server = new PostgresqlServer(directory.resolve("data"));
        ConfigurableApplicationContext service = Contexts.start(server.url());
        Trainer trainer = new Trainer("backend", () -> Contexts.port(service))) {
      trainer.begin(8);
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(5, 300), Duration.ofMinutes(1));
        assertThat(server.killBackend()).isTrue();
        trainer.awaitMore(20, Duration.ofSeconds(20));
      }
      trainer.end();
      try (Connection connection = server.connect()) {
        trainer.requireAcknowledgedIn(connection);
      }
      trainer.requireServed();
      System.out.printf(
          "kill -9 of a backend: %d times, %,d batches acknowledged, none lost%n",
          CYCLES, trainer.acknowledged());
    }
  }

  /** The server that the service itself has started. */
  @Test
  void theEmbeddedServersDeathIsHealedAndNothingAcknowledgedIsLost() throws Exception {
    Path data = directory.resolve("embedded");
    try (ConfigurableApplicationContext service = Contexts.start("", "--lim.data-dir=" + data);
        Trainer trainer = new Trainer("embedded", () -> Contexts.port(service))) {
      Path pid = data.resolve("postgresql/data/postmaster.pid");
      trainer.begin(8);
      long worst = 0;
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(5, 300), Duration.ofMinutes(1));
        long killed = process(pid);
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        long dead = System.nanoTime();
        // Its backends may go on for a moment: what they commit counts, but shows no new server.
        await().atMost(1, MINUTES).ignoreExceptions().until(() -> process(pid) != killed);
        // Those that were answered at that moment, and as many again.
        trainer.awaitMore(17, Duration.ofMinutes(1));
        worst = Math.max(worst, System.nanoTime() - dead);
        try (Connection connection = connect(service)) {
          trainer.requireAcknowledgedIn(connection);
        }
      }
      trainer.end();
      trainer.requireServed();
      assertThat(trainer.wasTold(503)).as("writers met the server's absence").isTrue();
      System.out.printf(
          "kill -9 of the embedded postmaster: %d times, %,d batches acknowledged, none lost; writes"
              + " went on %.1f s after it at worst%n",
          CYCLES, trainer.acknowledged(), worst / 1e9);
    }
  }

  private static long process(Path pid) throws IOException {
    return Long.parseLong(Files.readAllLines(pid).getFirst().strip());
  }

  /** Not one of the pool, which may be of the server before. */
  private static Connection connect(ConfigurableApplicationContext service) throws SQLException {
    HikariDataSource pool = service.getBean(HikariDataSource.class);
    return DriverManager.getConnection(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword());
  }
}
