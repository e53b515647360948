package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** What becomes of a stream whose run changes under it. */
@IntegrationTest
class StreamIT {

  @LocalServerPort int port;

  private final String run = "stream-" + UUID.randomUUID();

  /** Something that happens to the run between a stream's third and fourth line. */
  private JsonNode afterThreeLines(int status, Runnable change) throws Exception {
    try (Sender stream = new Sender(port, "POST", run + "/rewards", "x-ndjson")) {
      for (int i = 1; i <= 3; i++) {
        stream.send(Sender.line(i));
      }
      // A line is committed when it has come, not when the next one does.
      await().atMost(Duration.ofSeconds(20)).until(() -> batches() == 3);
      change.run();
      // A refusal is told when the next line comes.
      Thread.ofVirtual().start(() -> stream.goOn(4));
      JsonNode heard = stream.hear(status);
      assertThat(heard.get("line").asInt()).isEqualTo(4);
      assertThat(heard.get("committedLines").asInt()).isEqualTo(3);
      return heard;
    }
  }

  private int batches() {
    Http.Answer answer = http().exchange("GET", "/runs/" + run, "");
    return answer.status() == 200 && !answer.json().get("epochs").isEmpty()
        ? answer.json().get("epochs").get(0).get("batches").asInt()
        : 0;
  }

  private Http http() {
    return new Http(port);
  }

  @Test
  void anotherAttemptFencesItOff() throws Exception {
    JsonNode heard = afterThreeLines(409, () -> http().put("/runs/" + run + "/attempts/2", "{}"));
    assertThat(heard.get("type").stringValue()).endsWith("stale-attempt");
    assertThat(batches()).isEqualTo(3);
  }

  @Test
  void theRunsEndEndsIt() throws Exception {
    JsonNode heard = afterThreeLines(409, () -> http().post("/runs/" + run + "/finish", ""));
    assertThat(heard.get("type").stringValue()).endsWith("run-finished");
    assertThat(batches()).isEqualTo(3);
  }

  @Test
  void itDoesNotGoOnInANewRunOfTheSameName() throws Exception {
    JsonNode heard =
        afterThreeLines(
            410,
            () -> {
              http().delete("/runs/" + run);
              http().put("/runs/" + run, "");
            });
    assertThat(heard.get("type").stringValue()).endsWith("run-deleted");
    assertThat(batches()).isZero();
  }
}
