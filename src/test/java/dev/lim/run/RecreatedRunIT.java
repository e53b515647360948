package dev.lim.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

@IntegrationTest
class RecreatedRunIT {

  @LocalServerPort int port;

  @Test
  void aRunMadeAnewIsComparedWithItsNewSettings() {
    Http http = new Http(port);
    String run = "/runs/made-anew";
    http.put(run, "{\"missing\": \"carry\"}");
    http.delete(run);
    String settings = "{\"batchesPerEpoch\": 8, \"tags\": {\"model\": \"m\"}}";
    assertThat(http.exchange("PUT", run, settings).status()).isEqualTo(201);
    assertThat(http.exchange("PUT", run, settings).status()).isEqualTo(200);
    assertThat(http.exchange("PUT", run, "{\"missing\": \"carry\"}").status()).isEqualTo(409);
  }
}
