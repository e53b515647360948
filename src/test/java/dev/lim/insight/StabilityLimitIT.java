package dev.lim.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Where there is too much to rank, the answer says what to do. */
@IntegrationTest
@TestPropertySource(properties = "lim.limits.stability-cells=20")
class StabilityLimitIT {

  @LocalServerPort int port;

  @Test
  void moreEpochsThanTheLimitAllowsAreRefusedAndFewerAnswered() {
    Http http = new Http(port);
    String run = "long-" + UUID.randomUUID();
    for (int epoch = 1; epoch <= 11; epoch++) {
      http.post(
          "/runs/" + run + "/epochs/" + epoch + "/rewards",
          "{\"rewards\":[{\"sample\":\"a\",\"values\":[1,0]},{\"sample\":\"b\",\"values\":[0,1,0]}]}");
    }
    Answer refused = http.exchange("GET", "/runs/" + run + "/stability?top=1", "");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("errors").get(0).get("parameter").stringValue())
        .isEqualTo("from");
    assertThat(refused.json().get("errors").get(0).get("detail").stringValue())
        .contains("11 epochs", "lim.limits.stability-cells");
    assertThat(http.get("/runs/" + run + "/stability?top=1&from=2").json().get("items"))
        .hasSize(10);
    assertThat(http.get("/limits").json().get("stabilityCells").intValue()).isEqualTo(20);
  }
}
