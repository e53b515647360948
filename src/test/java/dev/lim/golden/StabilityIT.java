package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** What a real training run shows of stability and luck, over HTTP. */
@IntegrationTest
class StabilityIT {

  private static final String EPOCHS = "&missing=exclude&through=44";

  @LocalServerPort int port;

  @Test
  void aTopSettlesLongBeforeAThresholdAndTheUserIsTold() throws IOException {
    Http http = new Http(port);
    String run = upload(http);
    JsonNode top = http.get("/runs/" + run + "/stability?top=575" + EPOCHS).json();
    assertThat(top.get("scored").intValue()).isEqualTo(1209);
    List<Double> toLast = toLast(top);
    assertThat(toLast).hasSize(44);
    assertThat(toLast.get(14)).isCloseTo(0.89, within(0.005));
    assertThat(toLast.get(17)).isCloseTo(0.90, within(0.005));
    assertThat(toLast.getLast()).isEqualTo(1);
    assertThat(first(toLast)).isEqualTo(18);
    assertThat(top.get("verdict").get("settled").booleanValue()).isTrue();
    assertThat(top.get("verdict").get("since").intValue()).isEqualTo(18);

    JsonNode threshold = http.get("/runs/" + run + "/stability?threshold=0.6" + EPOCHS).json();
    toLast = toLast(threshold);
    assertThat(toLast.get(14)).isCloseTo(0.62, within(0.005));
    assertThat(first(toLast)).isEqualTo(37);
    assertThat(threshold.get("items").get(43).get("size").intValue()).isEqualTo(575);
    // 103 are never solved in all 44 epochs; they pass until the average rises in epoch 27.
    for (JsonNode item : threshold.get("items")) {
      if (item.get("epoch").intValue() <= 26) {
        assertThat(item.get("neverSolved").intValue()).isGreaterThanOrEqualTo(103);
      } else {
        assertThat(item.get("neverSolved").intValue()).isZero();
      }
    }
    String early = "/runs/" + run + "/stability?threshold=0.6&missing=exclude&through=";
    JsonNode verdict = http.get(early + 15).json().get("verdict");
    assertThat(verdict.get("settled").booleanValue()).isFalse();
    assertThat(verdict.get("text").stringValue()).contains("153", "never solved", "solved=some");
    verdict = http.get(early + "15&solved=some").json().get("verdict");
    assertThat(verdict.get("settled").booleanValue()).isFalse();
    assertThat(verdict.get("text").stringValue()).contains("153", "never solved", "top");
    verdict = http.get(early + 35).json().get("verdict");
    assertThat(verdict.get("settled").booleanValue()).isFalse();
  }

  /** Two whole runs that differ in nothing but luck would share 92 % (0.920 by simulation). */
  @Test
  void eightPercentOfTheSubsetAreLuck() throws IOException {
    Http http = new Http(port);
    String run = upload(http);
    for (int seed = 0; seed < 3; seed++) {
      JsonNode answer =
          http.get("/runs/" + run + "/reproducibility?top=575&seed=" + seed + EPOCHS).json();
      JsonNode overlap = answer.get("jaccard");
      assertThat(overlap.get("mean").doubleValue()).isCloseTo(0.92, within(0.01));
      assertThat(overlap.get("low").doubleValue()).isBetween(0.89, 0.92);
      assertThat(overlap.get("high").doubleValue()).isBetween(0.92, 0.95);
      assertThat(answer.get("cells").intValue()).isEqualTo(1209 * 44);
      assertThat(answer.get("single").intValue()).isZero();
    }
    double selected = 0;
    double sum = 0;
    for (JsonNode item :
        http.items("/runs/" + run + "/reproducibility?top=575&replicates=20" + EPOCHS)) {
      double inclusion = item.get("inclusion").doubleValue();
      assertThat(inclusion).isBetween(0.0, 1.0);
      sum += inclusion;
      selected += item.get("selected").booleanValue() ? inclusion : 0;
    }
    assertThat(sum).isCloseTo(575, within(1e-6));
    assertThat(selected / 575).isGreaterThan(0.9);
  }

  private static List<Double> toLast(JsonNode answer) {
    List<Double> values = new ArrayList<>();
    answer
        .get("items")
        .forEach(item -> values.add(item.get("toLast").get("jaccard").doubleValue()));
    return values;
  }

  /** The first epoch at which the subset shares 90 % with the last. */
  private static int first(List<Double> toLast) {
    int epoch = 1;
    while (toLast.get(epoch - 1) < 0.9) {
      epoch++;
    }
    return epoch;
  }

  private static String upload(Http http) throws IOException {
    SharedData data = SharedData.required("one-shot-rlvr");
    String run = "golden-" + UUID.randomUUID();
    assertThat(
            http.send(
                    "POST",
                    "/runs/" + run + "/rewards",
                    BodyPublishers.ofByteArray(data.bytes("rewards.ndjson.gz")),
                    Http.NDJSON,
                    "Content-Encoding",
                    "gzip")
                .status())
        .isEqualTo(200);
    return run;
  }
}
