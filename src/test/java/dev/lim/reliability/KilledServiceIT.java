package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lim.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Long form: {@code -Dlim.cycles=200}, with as many stops, or as {@code -Dlim.stops} says. */
class KilledServiceIT {

  private static final int CYCLES = Integer.getInteger("lim.cycles", 2);
  private static final int STOPS = Integer.getInteger("lim.stops", CYCLES);

  @Test
  void whatAKilledServiceHadAcknowledgedIsThereOnceAndTheWritersResume() throws Exception {
    TestDatabase database = TestDatabase.create();
    AtomicInteger port = new AtomicInteger();
    Service service = Service.on(database);
    try (Trainer trainer = new Trainer("killed", port::get);
        Connection connection = database.connect()) {
      port.set(service.port());
      trainer.begin(8);
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(5, 300), Duration.ofMinutes(1));
        service.kill();
        trainer.requireAcknowledgedIn(connection);
        service = Service.on(database);
        port.set(service.port());
      }
      trainer.awaitMore(20, Duration.ofMinutes(1));
      trainer.end();
      trainer.requireAcknowledgedIn(connection);
      trainer.requireServed();
      System.out.printf(
          "kill -9 of the service: %d times, %,d batches acknowledged, none lost, none twice%n",
          CYCLES, trainer.acknowledged());
    } finally {
      service.close();
    }
  }

  @Test
  void aServiceThatIsToldToEndAnswersWhatItHasBegunAndEnds() throws Exception {
    TestDatabase database = TestDatabase.create();
    AtomicInteger port = new AtomicInteger();
    Service service = Service.on(database);
    double worst = 0;
    try (Trainer trainer = new Trainer("ended", port::get);
        Connection connection = database.connect()) {
      port.set(service.port());
      trainer.begin(8);
      for (int cycle = 0; cycle < STOPS; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(5, 300), Duration.ofMinutes(1));
        long told = System.nanoTime();
        service.terminate();
        Service ending = service;
        await().atMost(Duration.ofSeconds(30)).until(() -> !ending.isAlive());
        worst = Math.max(worst, (System.nanoTime() - told) / 1e9);
        assertThat(service.exitCode()).as(service.lastWords()).isEqualTo(143);
        trainer.requireAcknowledgedIn(connection);
        service = Service.on(database);
        port.set(service.port());
      }
      trainer.awaitMore(20, Duration.ofMinutes(1));
      trainer.end();
      trainer.requireAcknowledgedIn(connection);
      trainer.requireServed();
      System.out.printf(
          "SIGTERM: %d times, %,d batches acknowledged, none lost; ended after %.1f s at worst%n",
          STOPS, trainer.acknowledged(), worst);
    } finally {
      service.close();
    }
  }
}
