package dev.lim.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

@IntegrationTest
class PollingIT {

  private static final List<String> READS =
      List.of(
          "",
          "/scores",
          "/scores?limit=2",
          "/curve",
          "/distribution",
          "/trajectories?sample=a",
          "/subset?top=1",
          "/subset?top=1&format=records");

  @LocalServerPort int port;
  private Http http;
  private String run;

  @BeforeEach
  void send() {
    http = new Http(port);
    run = "/runs/poll-" + UUID.randomUUID();
    send(1, 0);
    send(2, 1);
  }

  private void send(int epoch, int reward) {
    http.post(
        run + "/epochs/" + epoch + "/rewards",
        """
        {"rewards": [{"sample": "a", "values": [%d, 1]}, {"sample": "b", "values": [0, 0]}]}\
        """
            .formatted(reward));
  }

  private Answer poll(String path, String tag, String... headers) {
    List<String> all = new ArrayList<>(List.of("If-None-Match", tag));
    all.addAll(List.of(headers));
    return http.exchange("GET", path, "", all.toArray(String[]::new));
  }

  @Test
  void everyReadIsAnswered304UntilSomethingIsWritten() {
    for (String read : READS) {
      Answer first = http.get(run + read);
      assertThat(first.etag()).as(read).startsWith("W/\"");
      for (int i = 0; i < 3; i++) {
        Answer again = poll(run + read, first.etag());
        assertThat(again.status()).as(read).isEqualTo(304);
        assertThat(again.etag()).isEqualTo(first.etag());
        assertThat(again.bytes()).isEmpty();
      }
      assertThat(poll(run + read, "W/\"000000000000000000000000\"").status()).isEqualTo(200);
      assertThat(poll(run + read, "\"x\", " + first.etag()).status()).isEqualTo(304);
    }
    List<String> tags = READS.stream().map(read -> http.get(run + read).etag()).toList();
    send(3, 1);
    for (int i = 0; i < READS.size(); i++) {
      Answer now = poll(run + READS.get(i), tags.get(i));
      assertThat(now.status()).as(READS.get(i)).isEqualTo(200);
      assertThat(now.etag()).isNotEqualTo(tags.get(i));
    }
  }

  @Test
  void anotherRepresentationIsNotTakenForTheSame() {
    String json = http.get(run + "/subset?top=1").etag();
    assertThat(poll(run + "/subset?top=1", json, "Accept", "text/csv").status()).isEqualTo(200);
    String csv = poll(run + "/subset?top=1", "\"x\"", "Accept", "text/csv").etag();
    assertThat(csv).isNotEqualTo(json);
    assertThat(poll(run + "/subset?top=1", csv, "Accept", "text/csv").status()).isEqualTo(304);
    assertThat(poll(run + "/subset?top=1", csv).status()).isEqualTo(200);
  }

  @Test
  void aRunThatIsDeletedAndMadeAnewIsAnotherOne() {
    String tag = http.get(run + "/scores").etag();
    http.delete(run);
    assertThat(poll(run + "/scores", tag).problem()).isEqualTo("run-deleted");
    http.put(run, "");
    send(1, 0);
    send(2, 1);
    assertThat(poll(run + "/scores", tag).status()).isEqualTo(200);
  }

  @Test
  void readersOfManyRunsAtOnceAreToldOfTheirOwn() throws Exception {
    List<String> runs = new ArrayList<>(List.of("/runs/absent-" + UUID.randomUUID()));
    for (int i = 0; i < 60; i++) {
      runs.add("/runs/many-" + UUID.randomUUID());
      http.put(runs.getLast(), "{\"batchesPerEpoch\": " + (i + 1) + "}");
    }
    http.delete(runs.get(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 10; round++) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (String one : runs) {
          answers.add(threads.submit(() -> http.exchange("GET", one, "")));
        }
        assertThat(answers.get(0).get().problem()).isEqualTo("run-not-found");
        assertThat(answers.get(1).get().problem()).isEqualTo("run-deleted");
        for (int i = 2; i < runs.size(); i++) {
          assertThat(answers.get(i).get().json().get("run").stringValue())
              .isEqualTo(runs.get(i).substring("/runs/".length()));
          assertThat(answers.get(i).get().json().get("batchesPerEpoch").intValue()).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void noPollerMissesAWriteThatWasAnsweredBefore() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pollers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int own = t;
        pollers.add(
            threads.submit(() -> {
              for (int i = 0; i < 20; i++) {
                String tag = http.get(run + "/scores").etag();
                http.put(
                    run + "/epochs/3/batches/b" + own,
                    """
                    {"step": %d, "rewards": [{"sample": "a", "values": [1]}]}\
                    """
                        .formatted(i + 1));
                assertThat(poll(run + "/scores", tag).status()).isEqualTo(200);
              }
            }));
      }
      for (Future<?> poller : pollers) {
        poller.get();
      }
    }
  }
}
