package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.LimServer;
import dev.lim.Seed;
import dev.lim.TestDatabase;
import dev.lim.scoring.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * Hundreds of random lives of small runs: what the service answers at any time is what the plain
 * reference says; and a service that was started afresh on the same log, in a JVM of its own and on
 * the other kernel, answers the same bytes. {@code -Dlim.test.histories} says how many.
 */
@IntegrationTest
class HistoryIT {

  private static final int HISTORIES = Integer.getInteger("lim.test.histories", 200);

  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

  @LocalServerPort int port;
  @TempDir Path directory;

  @Test
  void everyAnswerIsTheReferencesAndAFreshServiceGivesTheSameBytes() throws Exception {
    assertThat(Kernels.awaitWarm()).isEqualTo("vector");
    long seed = Seed.of(getClass());
    Http http = new Http(port);
    List<RandomHistory> histories = new ArrayList<>();
    for (int i = 0; i < HISTORIES; i++) {
      histories.add(
          new RandomHistory(
              http,
              new Random(seed + i),
              "history-" + seed + "-" + i,
              "histories-" + seed + "-" + i / 5));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> lives = new ArrayList<>();
      for (RandomHistory history : histories) {
        lives.add(
            threads.submit(() -> {
              history.live();
              return null;
            }));
      }
      for (int i = 0; i < lives.size(); i++) {
        try {
          lives.get(i).get();
        } catch (java.util.concurrent.ExecutionException e) {
          threads.shutdownNow();
          throw new AssertionError("history " + i + " of seed " + seed, e.getCause());
        }
      }
    }
    int questions = sameBytesFromAFreshService(histories);
    int twins = sameScoresFromWhatIsInForce(http, histories);
    System.out.printf(
        "HistoryIT: %d histories; %d answers again from a fresh service; %d of what was in force%n",
        HISTORIES, questions, twins);
    assertThat(questions).isGreaterThan(3 * HISTORIES);
    assertThat(twins).isPositive();
  }

  private int sameBytesFromAFreshService(List<RandomHistory> histories) throws Exception {
    int questions = 0;
    Process fresh = start();
    try {
      Http http = new Http(await(fresh));
      for (RandomHistory history : histories) {
        for (Map.Entry<String, Answer> asked : history.asked().entrySet()) {
          String path = asked.getKey().formatted(history.run());
          Answer after = http.exchange("GET", path, "");
          assertThat(after.text()).as(path).isEqualTo(asked.getValue().text());
          assertThat(after.etag()).isEqualTo(asked.getValue().etag());
          questions++;
        }
      }
    } finally {
      fresh.destroyForcibly().waitFor();
    }
    return questions;
  }

  /** A second instance on the same database, without the Vector API's module. */
  private Process start() throws IOException {
    TestDatabase database = TestDatabase.shared();
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            LimServer.class.getName(),
            "--server.port=0",
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  private int await(Process service) throws IOException {
    Instant deadline = Instant.now().plusSeconds(180);
    while (true) {
      String said = Files.readString(directory.resolve("output"));
      Matcher started = STARTED.matcher(said);
      if (started.find()) {
        assertThat(said).contains("Scoring runs on the plain kernel");
        return Integer.parseInt(started.group(1));
      }
      assertThat(service.isAlive() && Instant.now().isBefore(deadline)).as(said).isTrue();
      LockSupport.parkNanos(100_000_000);
    }
  }

  /** Where no sum rounds, neither ended batches nor the order of samples leave a trace. */
  private static int sameScoresFromWhatIsInForce(Http http, List<RandomHistory> histories) {
    int compared = 0;
    for (int i = 0; i < histories.size(); i += 4) {
      RandomHistory history = histories.get(i);
      if (!history.exact()) {
        continue;
      }
      String other = history.run() + "-again";
      history.sendInForceTo(other);
      for (Map.Entry<String, Answer> asked : history.asked().entrySet()) {
        if (asked.getKey().contains("/scores?")) {
          Answer again = http.exchange("GET", asked.getKey().formatted(other), "");
          JsonNode items = again.json().get("items");
          assertThat(items).as(other).isEqualTo(asked.getValue().json().get("items"));
          compared++;
        }
      }
    }
    return compared;
  }
}
