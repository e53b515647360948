package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.LimServer;
import dev.lim.Seed;
import dev.lim.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/**
 * Hundreds of random lives of small runs: what the service answers at any time is what the plain
 * reference says; and a service that was started afresh on the same log answers the same bytes.
 * {@code -Dlim.test.histories} says how many.
 */
@IntegrationTest
class HistoryIT {

  private static final int HISTORIES = Integer.getInteger("lim.test.histories", 200);

  @LocalServerPort int port;

  @Test
  void everyAnswerIsTheReferencesAndAFreshServiceGivesTheSameBytes() throws Exception {
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

  private static int sameBytesFromAFreshService(List<RandomHistory> histories) {
    TestDatabase database = TestDatabase.shared();
    AtomicInteger questions = new AtomicInteger();
    try (ConfigurableApplicationContext fresh =
        new SpringApplicationBuilder(LimServer.class)
            .run(
                "--server.port=0",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password())) {
      Http http =
          new Http(fresh.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
      for (RandomHistory history : histories) {
        history
            .asked()
            .forEach((path, before) -> {
              Answer after = http.exchange("GET", path.formatted(history.run()), "");
              assertThat(after.text()).as(history.run() + path).isEqualTo(before.text());
              assertThat(after.etag()).isEqualTo(before.etag());
              questions.incrementAndGet();
            });
      }
    }
    return questions.get();
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
