package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Needs a file system of its own, which it fills: {@code -Dlim.small-disk} names a folder on it. By
 * command alone.
 */
@EnabledIfSystemProperty(named = "lim.small-disk", matches = ".+")
class FullDiskIT {

  private static final int CYCLES = Integer.getInteger("lim.cycles", 3);

  private final Path disk = Path.of(System.getProperty("lim.small-disk", ""));

  @Test
  void writersAreToldToWaitAndGoOnWhenThereIsRoomAgain() throws Exception {
    try (PostgresqlServer server = new PostgresqlServer(disk.resolve("data-" + UUID.randomUUID()));
        ConfigurableApplicationContext service = Contexts.start(server.url());
        Trainer trainer = new Trainer("full", () -> Contexts.port(service))) {
      trainer.begin(8);
      double worst = 0;
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(50, Duration.ofMinutes(1));
        trainer.forgetWhatWasTold();
        Path ballast = fill();
        await().atMost(Duration.ofMinutes(2)).until(() -> trainer.wasTold(503));
        trainer.requireNothingStrange();
        Files.delete(ballast);
        long room = System.nanoTime();
        trainer.awaitMore(17, Duration.ofMinutes(1));
        worst = Math.max(worst, (System.nanoTime() - room) / 1e9);
        try (Connection connection = server.connect()) {
          trainer.requireAcknowledgedIn(connection);
        }
      }
      trainer.end();
      try (Connection connection = server.connect()) {
        trainer.requireAcknowledgedIn(connection);
      }
      trainer.requireServed();
      System.out.printf(
          "disk full: %d times, %,d batches acknowledged, none lost; writes went on %.1f s after"
              + " there was room at worst%n",
          CYCLES, trainer.acknowledged(), worst);
    }
  }

  private Path fill() {
    Path ballast = disk.resolve("ballast");
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] block = new byte[1 << 12];
      while (Files.size(ballast) < 4L << 30) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(Files.exists(ballast)).isTrue();
      return ballast;
    }
    throw new IllegalStateException("The disk at " + disk + " is not small");
  }
}
