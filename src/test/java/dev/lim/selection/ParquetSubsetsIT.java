package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Read back by DuckDB. */
@IntegrationTest
class ParquetSubsetsIT {

  private static final String PARQUET = "application/vnd.apache.parquet";

  @LocalServerPort int port;
  @TempDir Path folder;

  private final String run = "parquet-" + UUID.randomUUID();
  private Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void makesAColumnOfEveryTopLevelField() throws Exception {
    upload(
        """
        {"id": "a", "text": "æ \\"quoted\\"\\n", "whole": 9007199254740993, "number": 1, "flag": true, "list": [1,  2.0], "object": {"a": "b"}, "mixed": "1", "wide": 1, "huge": 1, "null": null, "": "no name", "a.b": 1, "lim_rank": 77, "lim_score": "x", "twice": 1, "twice": 2}
        {"id": "b", "whole": -9223372036854775808, "number": -0.5, "flag": false, "mixed": 1, "wide": 9007199254740993, "huge": 1e400, "half": "\\ud83d"}
        {"id": "c", "text": null, "number": 2e3, "mixed": [ "x", {"y":null} ], "wide": 0.5, "huge": 2, "half": "\\ud83d\\ude00", "late": "only here"}
        """);
    rewards("a", "b", "c");
    assertThat(columns(live("fraction=1&format=parquet")))
        .containsExactly(
            "id VARCHAR",
            "text VARCHAR",
            "whole BIGINT",
            "number DOUBLE",
            "flag BOOLEAN",
            "list VARCHAR",
            "object VARCHAR",
            "mixed VARCHAR",
            "wide VARCHAR",
            "huge VARCHAR",
            "null VARCHAR",
            "C11 VARCHAR", // what DuckDB calls a column without a name
            "a.b BIGINT",
            "twice BIGINT",
            "half VARCHAR",
            "late VARCHAR",
            "lim_rank BIGINT",
            "lim_score DOUBLE");
    List<List<Object>> rows = rows(live("fraction=1&format=parquet"));
    assertThat(rows.get(0).subList(0, 17))
        .containsExactly(
            "a",
            "æ \"quoted\"\n",
            9007199254740993L,
            1.0,
            true,
            "[1,  2.0]",
            "{\"a\": \"b\"}",
            "\"1\"",
            "1",
            "1",
            null,
            "no name",
            1L,
            2L,
            null,
            null,
            1L);
    assertThat(rows.get(1).subList(0, 17))
        .containsExactly(
            "b",
            null,
            Long.MIN_VALUE,
            -0.5,
            false,
            null,
            null,
            "1",
            "9007199254740993",
            "1e400",
            null,
            null,
            null,
            null,
            "\"\\ud83d\"",
            null,
            2L);
    assertThat(rows.get(2).subList(0, 17))
        .containsExactly(
            "c",
            null,
            null,
            2000.0,
            null,
            null,
            null,
            "[ \"x\", {\"y\":null} ]",
            "0.5",
            "2",
            null,
            null,
            null,
            null,
            "\"\\ud83d\\ude00\"",
            "only here",
            3L);
  }

  @Test
  void carriesRanksAndScoresOfWhatWasSelected() throws Exception {
    String[] ids = IntStream.range(0, 20).mapToObj(i -> "s" + i).toArray(String[]::new);
    rewards(ids);
    JsonNode items = http.get(live("top=7&solved=some")).json().get("items");
    List<List<Object>> rows = rows(live("top=7&solved=some&format=parquet"));
    assertThat(rows)
        .isEqualTo(
            items
                .valueStream()
                .map(item ->
                    List.<Object>of(
                        item.get("sample").stringValue(),
                        item.get("rank").longValue(),
                        item.get("score").doubleValue()))
                .toList());
  }

  @Test
  void tellsIdsOfSeveralTypesAsTheSamplesAreNamed() throws Exception {
    upload("{\"id\": 7}\n{\"id\": \"7b\"}\n");
    rewards("7", "7b", "none");
    assertThat(columns(live("fraction=1&format=parquet")))
        .containsExactly("id VARCHAR", "lim_rank BIGINT", "lim_score DOUBLE");
    assertThat(rows(live("fraction=1&format=parquet")).stream().map(List::getFirst))
        .containsExactlyInAnyOrder("7", "7b", "none");
  }

  @Test
  void keepsWholeIds() throws Exception {
    upload("{\"id\": 7}\n{\"id\": 8}\n");
    rewards("7", "8");
    assertThat(columns(live("fraction=1&format=parquet"))).contains("id BIGINT");
    assertThat(rows(live("fraction=1&format=parquet")).stream().map(List::getFirst))
        .containsExactlyInAnyOrder(7L, 8L);
  }

  @Test
  void isAskedForByAcceptToo() throws Exception {
    rewards("a", "b");
    Answer named = http.get(live("top=1&format=parquet"));
    Answer accepted = http.exchange("GET", live("top=1"), "", "Accept", PARQUET);
    assertThat(accepted.status()).isEqualTo(200);
    assertThat(accepted.bytes()).isEqualTo(named.bytes());
    assertThat(new String(named.bytes(), 0, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
  }

  @Test
  void holdsAnEmptySubset() throws Exception {
    rewards("a", "b");
    assertThat(rows(live("threshold=2&format=parquet"))).isEmpty();
    assertThat(columns(live("threshold=2&format=parquet")))
        .containsExactly("id VARCHAR", "lim_rank BIGINT", "lim_score DOUBLE");
  }

  @Test
  void isTheSameFromAFrozenSubset() throws Exception {
    upload("{\"id\": \"a\", \"prompt\": \"Why?\"}\n");
    rewards("a", "b", "c");
    byte[] live = http.get(live("top=2&format=parquet")).bytes();
    http.post("/runs/" + run + "/subsets", "{\"name\": \"kept\", \"top\": 2}");
    String frozen = "/runs/" + run + "/subsets/kept?format=parquet";
    Answer before = http.get(frozen);
    assertThat(rows(frozen)).isEqualTo(rows(live("top=2&format=parquet")));
    assertThat(metadata(frozen)).contains("\"name\":\"kept\"").contains("\"sha256\":");
    assertThat(metadata(live("top=2&format=parquet"))).contains("\"revision\":");
    http.post("/runs/" + run + "/epochs/2/rewards", body(List.of("b", "c", "a")));
    assertThat(http.get(live("top=2&format=parquet")).bytes()).isNotEqualTo(live);
    assertThat(http.get(frozen).bytes()).isEqualTo(before.bytes());
    assertThat(http.get(frozen).etag()).isEqualTo(before.etag());
    upload("{\"id\": \"a\", \"prompt\": \"Because.\"}\n");
    assertThat(http.get(frozen).etag()).isNotEqualTo(before.etag());
    assertThat(rows(frozen).toString()).contains("Because.");
  }

  @Test
  void refusesMoreFieldsThanMakeAUsefulTable() throws Exception {
    String[] ids = IntStream.range(0, 6).mapToObj(i -> "s" + i).toArray(String[]::new);
    upload(
        Arrays.stream(ids)
            .map(id ->
                IntStream.range(0, 100)
                    .mapToObj(i -> "\"" + id + "-" + i + "\": 1")
                    .collect(Collectors.joining(", ", "{\"id\": \"" + id + "\", ", "}\n")))
            .collect(Collectors.joining()));
    rewards(ids);
    Answer refused = http.exchange("GET", live("fraction=1&format=parquet"), "");
    assertThat(refused.status()).isEqualTo(406);
    assertThat(refused.problem()).isEqualTo("not-acceptable");
    assertThat(rows(live("top=4&format=parquet"))).hasSize(4);
  }

  @Test
  void comesInRowGroups() throws Exception {
    String[] ids = IntStream.range(0, 40).mapToObj(i -> "s" + i).toArray(String[]::new);
    String text = "Why? ".repeat(200_000);
    upload(
        Arrays.stream(ids)
            .map(id -> "{\"id\": \"" + id + "\", \"prompt\": \"" + id + text + "\"}\n")
            .collect(Collectors.joining()));
    rewards(ids);
    Path file = save(live("fraction=1&format=parquet"));
    assertThat(
            query("select count(distinct row_group_id) from parquet_metadata('" + file + "')")
                .getFirst()
                .getFirst())
        .isEqualTo(3L);
    assertThat(
            query(
                "select count(*) from '" + file + "' where prompt = id || repeat('Why? ', 200000)"))
        .isEqualTo(List.of(List.of(40L)));
  }

  private void upload(String lines) throws IOException {
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    Answer answer =
        http.stream("PUT", "/datasets/" + run + "/samples", () -> new ByteArrayInputStream(bytes));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private void rewards(String... ids) {
    http.post("/runs/" + run + "/epochs/1/rewards", body(List.of(ids)));
  }

  /** The further down, the further from the average. */
  private static String body(List<String> ids) {
    return IntStream.range(0, ids.size())
        .mapToObj(i -> {
          double reward = 0.5 + 0.4 * i / ids.size() * (i % 2 == 0 ? -1 : 1);
          return "{\"sample\": \"%s\", \"values\": [%s, %s]}"
              .formatted(ids.get(i), reward + 0.3, reward - 0.3);
        })
        .collect(Collectors.joining(", ", "{\"rewards\": [", "]}"));
  }

  private String live(String query) {
    return "/runs/" + run + "/subset?correctAt=0.5&" + query;
  }

  private Path save(String path) throws IOException {
    Path file = Files.createTempFile(folder, "subset", ".parquet");
    Files.write(file, http.get(path).bytes());
    return file;
  }

  private List<String> columns(String path) throws Exception {
    return query(
            "select column_name, column_type from (describe select * from '" + save(path) + "')")
        .stream()
        .map(column -> column.get(0) + " " + column.get(1))
        .toList();
  }

  private List<List<Object>> rows(String path) throws Exception {
    return query("select * from '" + save(path) + "' order by lim_rank");
  }

  private String metadata(String path) throws Exception {
    return String.valueOf(
        query(
                "select decode(value) from parquet_kv_metadata('"
                    + save(path)
                    + "') where decode(key) = 'lim.subset'")
            .getFirst()
            .getFirst());
  }

  private static List<List<Object>> query(String sql) throws SQLException {
    List<List<Object>> rows = new ArrayList<>();
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet result = duckdb.createStatement().executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<@Nullable Object> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(result.getObject(i));
        }
        rows.add(Collections.unmodifiableList(row));
      }
    }
    return rows;
  }
}
