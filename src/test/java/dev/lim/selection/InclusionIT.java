package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** How sure each sample of a subset is, beside its score. */
@IntegrationTest
class InclusionIT {

  @LocalServerPort int port;

  @Test
  void aSubsetTellsOnDemandHowSureEachSampleIs() {
    Http http = new Http(port);
    String run = "inclusion-" + UUID.randomUUID();
    for (int epoch = 1; epoch <= 3; epoch++) {
      int k = epoch;
      String rewards =
          IntStream.range(0, 30)
              .mapToObj(i ->
                  "{\"sample\":\"s%d\",\"values\":[%d,%d,%d]}"
                      .formatted(i, i % 3 / 2, (i + k) % 4 / 2, i * k % 5 / 3))
              .collect(Collectors.joining(","));
      http.post(
          "/runs/" + run + "/epochs/" + epoch + "/rewards", "{\"rewards\":[" + rewards + "]}");
    }
    Map<String, String> wanted = new HashMap<>();
    http.items("/runs/" + run + "/reproducibility?top=10&replicates=40&seed=3")
        .forEach(
            item -> wanted.put(item.get("sample").stringValue(), item.get("inclusion").toString()));
    String path = "/runs/" + run + "/subset?top=10&inclusion=true&replicates=40&seed=3&format=";
    Map<String, String> got = new HashMap<>();
    JsonNode subset = http.get(path + "json").json();
    assertThat(subset.get("items")).hasSize(10);
    for (JsonNode item : subset.get("items")) {
      got.put(item.get("sample").stringValue(), item.get("inclusion").toString());
    }
    assertThat(wanted).containsAllEntriesOf(got);
    List<String> csv = http.get(path + "csv").text().lines().toList();
    assertThat(csv.getFirst()).isEqualTo("rank,sample,score,inclusion");
    for (String line : csv.subList(1, csv.size())) {
      String[] fields = line.split(",");
      assertThat(fields[3]).isEqualTo(got.get(fields[1]));
    }
    List<String> ndjson = http.get(path + "ndjson").text().lines().toList();
    assertThat(ndjson).hasSize(10).allMatch(line -> line.contains("\"inclusion\":"));
    assertThat(http.get("/runs/" + run + "/subset?top=10").text()).doesNotContain("\"inclusion\":");
  }

  @Test
  void itIsRefusedWhereItHasNoPlace() {
    Http http = new Http(port);
    String run = "inclusion-" + UUID.randomUUID();
    http.put("/runs/" + run, "{}");
    for (String[] call :
        new String[][] {
          {"inclusion=yes", "inclusion"},
          {"inclusion=true&format=ids", "inclusion"},
          {"inclusion=true&format=records", "inclusion"},
          {"replicates=10", "replicates"},
          {"inclusion=true&replicates=0", "replicates"}
        }) {
      Answer answer = http.exchange("GET", "/runs/" + run + "/subset?top=10&" + call[0], "");
      assertThat(answer.status()).as(call[0]).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("parameter").stringValue())
          .isEqualTo(call[1]);
    }
  }
}
