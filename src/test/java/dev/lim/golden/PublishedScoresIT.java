package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Scores that others published or computed, over HTTP. */
@IntegrationTest
class PublishedScoresIT {

  @LocalServerPort int port;

  @Test
  void aRealTrainingRunScoresAsItsOwnRepositorySays() throws IOException {
    SharedData data = SharedData.required("one-shot-rlvr");
    Http http = new Http(port);
    String run = upload(http, data, "{}");
    Map<String, Double> wanted = data.scores("expected-lim-scores.ndjson");
    String query = "missing=exclude&through=44";
    Map<String, Double> got = scores(http, run, query);
    equal(got, wanted);
    List<String> kept =
        wanted.keySet().stream().filter(sample -> wanted.get(sample) >= 0.6).toList();
    assertThat(kept).hasSize(575);
    assertThat(ids(http, run, "threshold=0.6&" + query)).isEqualTo(new TreeSet<>(kept));
    assertThat(ids(http, run, "threshold=0.2&" + query)).hasSize(1041);
    JsonNode half = http.get("/runs/" + run + "/subset?threshold=0.5&" + query).json();
    assertThat(half.get("neverSolved").intValue()).isEqualTo(103);
    JsonNode all = http.get("/runs/" + run + "/subset?fraction=1&" + query).json();
    assertThat(all.get("alwaysSolved").intValue()).isEqualTo(8);
    assertThat(got.values().stream().filter(score -> score == 0)).hasSize(8);
  }

  @Test
  void recordsComeBackByteForByte() throws IOException {
    SharedData data = SharedData.required("one-shot-rlvr");
    Http http = new Http(port);
    String run = upload(http, data, "{}");
    String query = "&missing=exclude&through=44";
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : data.lines("samples.ndjson.gz")) {
      lines.put(line.replaceFirst("\\{\"id\": \"([^\"]+)\".*", "$1"), line);
    }
    for (String selection : List.of("fraction=1", "threshold=0.6", "top=1")) {
      String wanted =
          http.get("/runs/" + run + "/subset?format=ids&" + selection + query)
              .json()
              .valueStream()
              .map(id -> lines.get(id.stringValue()) + "\n")
              .collect(Collectors.joining());
      assertThat(
              http.get("/runs/" + run + "/subset?format=records-ndjson&" + selection + query)
                  .text())
          .isEqualTo(wanted);
    }
    assertThat(http.get("/runs/" + run + "/subset?format=ids&fraction=1" + query).json())
        .hasSize(lines.size());
  }

  @Test
  void thePapersScoresComeOutToTheLastPrompt() throws IOException {
    SharedData data = SharedData.required("limr-math8k");
    Http http = new Http(port);
    String run = upload(http, data, "{\"batchesPerEpoch\": 8}");
    Map<String, Double> mean = scores(http, run, "reward=mean");
    equal(mean, data.scores("expected-mean-scores.ndjson"));
    Map<String, Double> published = data.scores("published-scores.ndjson");
    assertThat(published).hasSize(7935);
    assertThat(mean.keySet()).isEqualTo(published.keySet());
    published.forEach((sample, score) ->
        assertThat(BigDecimal.valueOf(mean.get(sample)).setScale(2, RoundingMode.HALF_EVEN))
            .as(sample)
            .isEqualByComparingTo(BigDecimal.valueOf(score)));
    JsonNode head = http.get("/runs/" + run + "/scores?limit=1").json();
    assertThat(head.get("unscored").intValue()).isEqualTo(587);
    assertThat(head.get("scored").intValue()).isEqualTo(7935);
    Set<String> kept =
        published.keySet().stream()
            .filter(sample -> published.get(sample) >= 0.6)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(kept).hasSize(1389);
    assertThat(ids(http, run, "threshold=0.6")).isEqualTo(kept);
    Map<String, Double> accuracy = scores(http, run, "reward=accuracy");
    equal(accuracy, data.scores("expected-accuracy-scores.ndjson"));
    assertThat(ids(http, run, "threshold=0.6&reward=accuracy")).hasSize(1205);
    assertThat(ids(http, run, "threshold=0.2&reward=accuracy")).hasSize(5562);
    // What json.dump writes of the script's own selection, from the file that it was uploaded from.
    Map<String, Double> scripts = data.scores("expected-accuracy-scores.ndjson");
    assertThat(
            http.get("/runs/" + run + "/subset?format=records&threshold=0.6&reward=accuracy")
                .text())
        .isEqualTo(
            data.lines("samples.ndjson.gz").stream()
                .filter(line ->
                    scripts.getOrDefault(line.replaceFirst("\\{\"id\": \"([^\"]+)\".*", "$1"), -1.0)
                        >= 0.6)
                .collect(Collectors.joining(", ", "[", "]")));
    for (String reward : List.of("mean", "accuracy")) {
      double[] wanted =
          data.json("expected-curves.json")
              .get(reward)
              .valueStream()
              .mapToDouble(JsonNode::doubleValue)
              .toArray();
      double[] got =
          http.get("/runs/" + run + "/curve?reward=" + reward)
              .json()
              .get("items")
              .valueStream()
              .mapToDouble(item -> item.get("averageReward").doubleValue())
              .toArray();
      assertThat(got).hasSize(21);
      assertThat(got).as(reward + Arrays.toString(got)).containsExactly(wanted, within(1e-9));
    }
  }

  @Test
  void aTrainingSetReadsBackFromParquet(@TempDir Path folder) throws Exception {
    SharedData data = SharedData.required("one-shot-rlvr");
    Http http = new Http(port);
    String run = upload(http, data, "{}");
    String query = "/runs/" + run + "/subset?threshold=0.6&missing=exclude&through=44&format=";
    Path file = folder.resolve("next.parquet");
    Files.write(file, http.get(query + "parquet").bytes());
    Map<String, JsonNode> records = new LinkedHashMap<>();
    for (String line : data.lines("samples.ndjson.gz")) {
      JsonNode record = new JsonMapper().readTree(line);
      records.put(record.get("id").stringValue(), record);
    }
    Iterator<JsonNode> items = http.get(query + "json").json().get("items").iterator();
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet rows = duckdb.createStatement().executeQuery("from '" + file + "'")) {
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        columns.add(
            rows.getMetaData().getColumnName(i) + " " + rows.getMetaData().getColumnTypeName(i));
      }
      assertThat(columns)
          .containsExactlyInAnyOrder(
              "id VARCHAR",
              "prompt VARCHAR",
              "answer VARCHAR",
              "source VARCHAR",
              "lim_rank BIGINT",
              "lim_score DOUBLE");
      int read = 0;
      while (rows.next()) {
        JsonNode item = items.next();
        assertThat(rows.getString("id")).isEqualTo(item.get("sample").stringValue());
        assertThat(rows.getLong("lim_rank")).isEqualTo(item.get("rank").longValue());
        assertThat(rows.getDouble("lim_score")).isEqualTo(item.get("score").doubleValue());
        JsonNode record = Objects.requireNonNull(records.get(rows.getString("id")));
        for (String field : List.of("prompt", "answer", "source")) {
          assertThat(rows.getString(field)).isEqualTo(record.get(field).stringValue());
        }
        read++;
      }
      assertThat(read).isEqualTo(575);
    }
  }

  /** Two streams, as two curl lines send them: the samples, and the rewards. */
  private static String upload(Http http, SharedData data, String settings) throws IOException {
    String run = "golden-" + UUID.randomUUID();
    http.put("/runs/" + run, settings);
    for (String[] call :
        new String[][] {
          {"PUT", "/datasets/" + run + "/samples", "samples.ndjson.gz"},
          {"POST", "/runs/" + run + "/rewards", "rewards.ndjson.gz"}
        }) {
      Answer answer =
          http.send(
              call[0],
              call[1],
              BodyPublishers.ofByteArray(data.bytes(call[2])),
              Http.NDJSON,
              "Content-Encoding",
              "gzip");
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
    return run;
  }

  private static Map<String, Double> scores(Http http, String run, String query) {
    Map<String, Double> scores = new LinkedHashMap<>();
    http.items("/runs/" + run + "/scores?" + query)
        .forEach(
            item -> scores.put(item.get("sample").stringValue(), item.get("score").doubleValue()));
    return scores;
  }

  private static Set<String> ids(Http http, String run, String query) {
    return http.get("/runs/" + run + "/subset?format=ids&" + query)
        .json()
        .valueStream()
        .map(JsonNode::stringValue)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void equal(Map<String, Double> got, Map<String, Double> wanted) {
    assertThat(got.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (sample, score) -> assertThat(got.get(sample)).as(sample).isCloseTo(score, within(1e-6)));
  }
}
