package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Writes to a run that this instance has met before, and that has changed since. */
@IntegrationTest
class RememberedRunIT {

  private static final String KNOWN =
      "{\"rewards\": [{\"sample\": \"known\", \"values\": [1, 0]}]}";
  private static final String UNKNOWN = "{\"rewards\": [{\"sample\": \"other\", \"values\": [1]}]}";

  @LocalServerPort int port;

  private Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  private String met(String run) {
    String path = "/runs/remembered-" + run;
    http.put(path + "/epochs/1/batches/a", KNOWN);
    http.put(path + "/epochs/1/batches/b", KNOWN);
    return path;
  }

  @Test
  void aSampleIsRefusedOnceTheDatasetIsClosed() {
    String run = met("closed");
    assertThat(http.exchange("PATCH", run, "{\"closedDataset\": true}").status()).isEqualTo(200);
    assertThat(http.exchange("PUT", run + "/epochs/1/batches/c", UNKNOWN).problem())
        .isEqualTo("unknown-samples");
    assertThat(http.exchange("PUT", run + "/epochs/1/batches/c", KNOWN).status()).isEqualTo(201);
  }

  @Test
  void whatARunRefusesComesBeforeWhatIsWrongWithTheBatch() {
    String run = met("finished");
    http.post(run + "/finish", "");
    for (String body : new String[] {KNOWN, UNKNOWN, "{}", "no JSON"}) {
      assertThat(http.exchange("PUT", run + "/epochs/1/batches/c", body).problem())
          .as(body)
          .isEqualTo("run-finished");
    }
    http.delete(run);
    for (String body : new String[] {KNOWN, UNKNOWN, "{}", "no JSON"}) {
      assertThat(http.exchange("PUT", run + "/epochs/1/batches/c", body).problem())
          .as(body)
          .isEqualTo("run-deleted");
    }
  }

  @Test
  void aRunThatWasMadeAnewOnAnotherDatasetIsWrittenToThere() {
    String run = met("anew");
    http.put("/datasets/remembered-other", "");
    http.delete(run);
    http.put(run, "{\"dataset\": \"remembered-other\"}");
    http.put(run + "/epochs/1/batches/a", KNOWN);
    http.put(run + "/epochs/1/batches/b", UNKNOWN);
    assertThat(http.get(run + "/scores?missing=observed&sort=sample").text())
        .containsSubsequence("\"known\"", "\"other\"");
    assertThat(http.get("/datasets/remembered-other").json().get("samples").intValue())
        .isEqualTo(2);
  }
}
