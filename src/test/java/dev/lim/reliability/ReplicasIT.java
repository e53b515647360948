package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Long form: {@code -Dlim.cycles=30}. */
class ReplicasIT {

  private static final int CYCLES = Integer.getInteger("lim.cycles", 1);
  private static final int REPLICAS = 3;

  private final List<Service> replicas = new CopyOnWriteArrayList<>();
  private final Queue<String> stale = new ConcurrentLinkedQueue<>();
  private final AtomicLong reads = new AtomicLong();
  private volatile boolean ending;

  @Test
  void everyReplicaSeesWhatAnyHasAcknowledgedAndNoDeathLosesAnything() throws Exception {
    TestDatabase database = TestDatabase.create();
    try (Connection connection = database.connect();
        Trainer trainer = new Trainer("replicas", this::anyPort)) {
      for (int i = 0; i < REPLICAS; i++) {
        replicas.add(Service.on(database));
      }
      replicas.forEach(Service::port);
      trainer.begin(8);
      trainer.awaitMore(8, Duration.ofMinutes(1));
      List<Thread> readers = new ArrayList<>();
      for (String path : List.of("", "/scores?missing=observed&limit=1", "/curve")) {
        readers.add(Thread.ofVirtual().start(() -> read(trainer, path)));
      }
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        trainer.awaitMore(ThreadLocalRandom.current().nextInt(20, 200), Duration.ofMinutes(1));
        int victim = ThreadLocalRandom.current().nextInt(REPLICAS);
        replicas.get(victim).kill();
        trainer.awaitMore(20, Duration.ofMinutes(1));
        Service anew = Service.on(database);
        replicas.set(victim, anew);
        anew.port();
      }
      trainer.awaitMore(20, Duration.ofMinutes(1));
      trainer.end();
      ending = true;
      for (Thread reader : readers) {
        reader.join();
      }
      trainer.requireAcknowledgedIn(connection);
      for (int i = 0; i < REPLICAS; i++) {
        trainer.requireServed();
      }
      assertThat(stale).as("reads that did not see what was acknowledged before").isEmpty();
      assertThat(reads.get()).isPositive();
      System.out.printf(
          "%d replicas, kill -9 of one %d times: %,d batches acknowledged, none lost; %,d reads,"
              + " none stale%n",
          REPLICAS, CYCLES, trainer.acknowledged(), reads.get());
    } finally {
      ending = true;
      replicas.forEach(Service::close);
    }
  }

  private int anyPort() {
    return replicas.get(ThreadLocalRandom.current().nextInt(REPLICAS)).port();
  }

  private void read(Trainer trainer, String path) {
    while (!ending) {
      long known = trainer.revision();
      try {
        long seen = trainer.get(path).get("revision").asLong();
        reads.incrementAndGet();
        if (seen < known) {
          stale.add(path + ": " + seen + " after " + known);
        }
      } catch (IOException e) {
        // That replica is dead.
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | AssertionError e) {
        stale.add(path + ": " + e);
        return;
      }
    }
  }
}
