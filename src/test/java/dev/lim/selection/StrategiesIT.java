package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The catalogue, and how a strategy's own parameters are read. */
@IntegrationTest
class StrategiesIT {

  @LocalServerPort int port;

  private Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void theCatalogueTellsOfEveryParameterItsTypeRangeAndDefault() {
    List<String> names = new ArrayList<>();
    for (JsonNode strategy : http.get("/strategies").json().get("items")) {
      names.add(strategy.get("strategy").stringValue());
      for (String text : List.of("summary", "formula", "source")) {
        assertThat(strategy.get(text).stringValue()).isNotBlank();
      }
      assertThat(strategy.get("presets").isArray()).isTrue();
      for (JsonNode parameter : strategy.get("parameters")) {
        assertThat(parameter.get("type").stringValue())
            .isIn("number", "integer", "boolean", "choice");
        assertThat(parameter.get("range").stringValue()).isNotBlank();
        assertThat(parameter.get("description").stringValue()).isNotBlank();
        assertThat(parameter.has("default")).isTrue();
      }
    }
    assertThat(names).isSorted().contains("lim", "random");
    JsonNode seed = parameter("random", "seed");
    assertThat(seed.get("type").stringValue()).isEqualTo("integer");
    assertThat(seed.get("default").longValue()).isZero();
  }

  @Test
  void aParameterOfAnotherStrategyIsUnknown() {
    String run = run(3, false);
    refused(run, "seed=1", "seed");
    refused(run, "strategy=lim&seed=1", "seed");
    refused(run, "strategy=random&lo=0.1", "lo");
    refused(run, "strategy=random&other.seed=1", "other.seed");
  }

  @Test
  void aSeedIsAWholeNumberOf64Bits() {
    String run = run(3, false);
    for (String seed : List.of("", "x", "0.5", "1e3", "9223372036854775808", "1&seed=2")) {
      refused(run, "strategy=random&seed=" + seed, "seed");
    }
    for (String seed : List.of("-9223372036854775808", "9223372036854775807", "007")) {
      http.get("/runs/" + run + "/scores?strategy=random&seed=" + seed);
    }
  }

  @Test
  void theHeadNamesTheValuesOfTheParameters() {
    String run = run(3, false);
    JsonNode scores = http.get("/runs/" + run + "/scores?strategy=random&seed=5").json();
    assertThat(scores.get("strategy").stringValue()).isEqualTo("random");
    assertThat(scores.get("parameters").toString()).isEqualTo("{\"seed\":5}");
    assertThat(
            http.get("/runs/" + run + "/subset?top=1&strategy=random")
                .json()
                .get("parameters")
                .toString())
        .isEqualTo("{\"seed\":0}");
    assertThat(http.get("/runs/" + run + "/scores").json().has("parameters")).isFalse();
  }

  @Test
  void aRandomOrderDependsOnTheSeedAndNotOnWhoPostedFirst() {
    String one = run(50, false);
    String other = run(50, true);
    String seeded = ids(one, "strategy=random&seed=1");
    assertThat(ids(other, "strategy=random&seed=1")).isEqualTo(seeded);
    assertThat(ids(one, "strategy=random&seed=2")).isNotEqualTo(seeded);
    assertThat(ids(one, "strategy=random&seed=1")).isEqualTo(seeded);
  }

  @Test
  void swaggerListsTheParametersOnEveryCallThatTakesAStrategy() throws Exception {
    JsonNode document =
        new JsonMapper()
            .readTree(URI.create("http://127.0.0.1:" + port + "/v3/api-docs").toURL().openStream());
    int calls = 0;
    for (JsonNode path : document.get("paths")) {
      for (JsonNode operation : path) {
        List<String> names =
            operation
                .path("parameters")
                .valueStream()
                .map(parameter -> parameter.path("name").asString(""))
                .toList();
        assertThat(names).doesNotHaveDuplicates();
        if (names.contains("strategy")) {
          assertThat(names).contains("seed");
          calls++;
        }
      }
    }
    assertThat(calls).isGreaterThanOrEqualTo(5);
  }

  private JsonNode parameter(String strategy, String name) {
    return http.get("/strategies")
        .json()
        .get("items")
        .valueStream()
        .filter(item -> item.get("strategy").stringValue().equals(strategy))
        .flatMap(item -> item.get("parameters").valueStream())
        .filter(parameter -> parameter.get("name").stringValue().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String ids(String run, String query) {
    return http.get("/runs/" + run + "/subset?fraction=1&format=ids&" + query).text();
  }

  private void refused(String run, String query, String parameter) {
    Answer answer = http.exchange("GET", "/runs/" + run + "/scores?" + query, "");
    assertThat(answer.status()).as(query).isEqualTo(400);
    assertThat(answer.json().get("errors")).as(query).hasSize(1);
    assertThat(answer.json().at("/errors/0/parameter").asString()).isEqualTo(parameter);
  }

  /** Of so many samples and two epochs; its samples may be sent the other way round. */
  private String run(int samples, boolean reversed) {
    String run = "strategies-" + UUID.randomUUID();
    for (int epoch = 1; epoch <= 2; epoch++) {
      String rewards =
          IntStream.range(0, samples)
              .map(i -> reversed ? samples - 1 - i : i)
              .mapToObj(i -> "{\"sample\": \"s" + i + "\", \"values\": [" + i % 2 + ", 0]}")
              .collect(Collectors.joining(",", "{\"rewards\": [", "]}"));
      http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", rewards);
    }
    return run;
  }
}
