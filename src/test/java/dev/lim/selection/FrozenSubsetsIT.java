package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.LimServer;
import dev.lim.Seed;
import dev.lim.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@IntegrationTest
class FrozenSubsetsIT {

  private static final int SAMPLES = 60;
  private static final List<String> FORMATS =
      List.of("json", "ndjson", "csv", "ids", "records", "records-ndjson", "parquet");

  /** These tell also what chose the subset, which a live one says in other words. */
  private static final List<String> SAYING = List.of("json", "parquet");

  @LocalServerPort int port;

  private final String run = "frozen-" + UUID.randomUUID();
  private Http http;
  private Random random;

  @BeforeEach
  void makeARun() throws Exception {
    http = new Http(port);
    random = new Random(Seed.of(getClass()));
    String records =
        IntStream.range(0, SAMPLES - 5)
            .mapToObj(i -> "{\"id\": \"%s\", \"prompt\": \"Why %d?\"}\n".formatted(sample(i), i))
            .collect(Collectors.joining());
    byte[] lines = records.getBytes(StandardCharsets.UTF_8);
    assertThat(
            http.stream(
                    "PUT",
                    "/datasets/" + run + "/samples",
                    () -> new java.io.ByteArrayInputStream(lines))
                .status())
        .isEqualTo(200);
    for (int epoch = 1; epoch <= 10; epoch++) {
      send(epoch, "");
    }
  }

  @Test
  void staysTheSameWhateverComesLater() {
    Map<String, String> live = new LinkedHashMap<>();
    for (String format : FORMATS) {
      live.put(format, http.get(live("top=20&solved=some&missing=carry&format=" + format)).text());
    }
    Answer made = freeze("{'name': 'ten', 'top': 20, 'solved': 'some', 'missing': 'carry'}", 201);
    assertThat(made.json().get("epochs").get("through").intValue()).isEqualTo(10);
    Map<String, Answer> before = new LinkedHashMap<>();
    for (String format : FORMATS) {
      Answer answer = http.get(frozen("ten?format=" + format));
      before.put(format, answer);
      if (!SAYING.contains(format)) {
        assertThat(answer.text()).as(format).isEqualTo(live.get(format));
      }
    }
    String list = http.get("/runs/" + run + "/subsets").text();
    for (int epoch = 11; epoch <= 40; epoch++) {
      send(epoch, "");
    }
    send(3, "?replace=true");
    http.delete("/runs/" + run + "/epochs/5/batches/epoch");
    http.exchange("PATCH", "/runs/" + run, "{\"correctAt\": 0.25, \"rewardMax\": 2}");
    assertThat(http.get(live("top=20&solved=some&missing=carry&format=csv")).text())
        .isNotEqualTo(live.get("csv"));
    same(http, before, list);
    TestDatabase database = TestDatabase.shared();
    try (ConfigurableApplicationContext fresh =
        new SpringApplicationBuilder(LimServer.class)
            .run(
                "--server.port=0",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password())) {
      same(
          new Http(fresh.getEnvironment().getRequiredProperty("local.server.port", Integer.class)),
          before,
          list);
    }
  }

  private void same(Http service, Map<String, Answer> before, String list) {
    before.forEach((format, answer) -> {
      Answer again = service.get(frozen("ten?format=" + format));
      assertThat(again.bytes()).as(format).isEqualTo(answer.bytes());
      assertThat(again.etag()).as(format).isEqualTo(answer.etag());
      assertThat(
              service
                  .exchange(
                      "GET", frozen("ten?format=" + format), "", "If-None-Match", answer.etag())
                  .status())
          .isEqualTo(304);
    });
    assertThat(service.get("/runs/" + run + "/subsets").text()).isEqualTo(list);
  }

  @Test
  void saysWhatChoseIt() throws Exception {
    String parameters =
        "'strategy': 'random', 'seed': -9223372036854775808, 'fraction': 0.07, 'from': 2, 'through': 9,"
            + " 'reward': 'accuracy', 'correctAt': 0.7, 'rewardMax': 1.5, 'missing': 'observed', 'minEpochs': 3";
    Answer made = freeze("{'name': 'chosen', " + parameters + "}", 201);
    JsonNode about = made.json();
    JsonNode live =
        http.get(
                live(
                    "strategy=random&seed=-9223372036854775808&fraction=0.07&from=2&through=9&reward=accuracy"
                        + "&correctAt=0.7&rewardMax=1.5&missing=observed&minEpochs=3"))
            .json();
    live.properties().stream()
        .filter(field -> !field.getKey().equals("items"))
        .forEach(field ->
            assertThat(about.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue()));
    assertThat(about.get("name").stringValue()).isEqualTo("chosen");
    assertThat(about.get("correctAt").asString()).isEqualTo("0.7");
    assertThat(about.get("rewardMax").asString()).isEqualTo("1.5");
    assertThat(about.get("minEpochs").intValue()).isEqualTo(3);
    assertThat(about.get("parameters").get("seed").longValue()).isEqualTo(Long.MIN_VALUE);
    assertThat(about.get("size").intValue())
        .isEqualTo((int) Math.ceil(about.get("scored").intValue() * 0.07));
    ObjectNode whole = (ObjectNode) http.get(frozen("chosen")).json();
    assertThat(whole.get("items")).isEqualTo(live.get("items"));
    List<String> ids =
        whole.get("items").valueStream().map(item -> item.get("sample").stringValue()).toList();
    assertThat(about.get("sha256").stringValue()).isEqualTo(sha256(ids));
    whole.remove("items");
    assertThat(whole).isEqualTo(about);
    assertThat(http.items("/runs/" + run + "/subsets?")).containsExactly(about);
  }

  @Test
  void answersARetryWithWhatItFroze() {
    String request = "{'name': 'retry', 'threshold': 0.2, 'missing': 'carry'}";
    String made = freeze(request, 201).text();
    send(11, "");
    assertThat(freeze(request, 200).text()).isEqualTo(made);
    assertThat(
            freeze("{'solved': null, 'missing': 'carry', 'threshold': 2e-1, 'name': 'retry'}", 200)
                .text())
        .isEqualTo(made);
    assertThat(freeze("{'name': 'retry', 'threshold': 0.3, 'missing': 'carry'}", 409).problem())
        .isEqualTo("subset-differs");
    assertThat(freeze("{'name': 'retry', 'threshold': 0.2, 'missing': 'exclude'}", 409).problem())
        .isEqualTo("subset-differs");
    assertThat(freeze("{'name': 'other', 'threshold': 0.2, 'missing': 'carry'}", 201).text())
        .isNotEqualTo(made);
  }

  @Test
  void takesWhatSelectsTheSameForTheSame() {
    String made = freeze("{'name': 'same', 'top': 7}", 201).text();
    String said = "{'name': 'same', 'top': 7, 'solved': 'any', 'strategy': 'lim', 'rewardMax': 1}";
    assertThat(freeze(said, 200).text()).isEqualTo(made);
    send(11, "");
    assertThat(freeze(said, 409).problem()).isEqualTo("subset-differs");
    assertThat(freeze("{'name': 'same', 'top': 7}", 200).text()).isEqualTo(made);
  }

  @Test
  void isListedInPagesByName() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      names.add("list-" + (char) ('a' + (i * 5) % 12));
      freeze("{'name': '" + names.getLast() + "', 'top': " + (i + 1) + "}", 201);
    }
    Answer first = http.get("/runs/" + run + "/subsets?limit=5");
    assertThat(first.json().get("items")).hasSize(5);
    List<String> listed = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = http.get("/runs/" + run + "/subsets?limit=5" + cursor).json();
      page.get("items").forEach(item -> listed.add(item.get("name").stringValue()));
      cursor = page.has("next") ? "&cursor=" + page.get("next").stringValue() : null;
    } while (cursor != null);
    assertThat(listed).isEqualTo(names.stream().sorted().toList());
    assertThat(unchanged("/runs/" + run + "/subsets?limit=5", first.etag())).isEqualTo(304);
    freeze("{'name': 'one-more', 'top': 1}", 201);
    assertThat(unchanged("/runs/" + run + "/subsets?limit=5", first.etag())).isEqualTo(200);
  }

  private int unchanged(String path, String etag) {
    return http.exchange("GET", path, "", "If-None-Match", etag).status();
  }

  @Test
  void servesRecordsAsTheyAreNow() throws Exception {
    freeze("{'name': 'records', 'fraction': 1}", 201);
    Answer ids = http.get(frozen("records?format=ids"));
    Answer records = http.get(frozen("records?format=records-ndjson"));
    byte[] line = "{\"id\":\"%s\",\"new\":1}".formatted(sample(0)).getBytes(StandardCharsets.UTF_8);
    http.stream(
        "PUT", "/datasets/" + run + "/samples", () -> new java.io.ByteArrayInputStream(line));
    assertThat(unchanged(frozen("records?format=ids"), ids.etag())).isEqualTo(304);
    Answer now = http.get(frozen("records?format=records-ndjson"));
    assertThat(now.etag()).isNotEqualTo(records.etag());
    assertThat(now.text().lines()).contains("{\"id\":\"%s\",\"new\":1}".formatted(sample(0)));
  }

  @Test
  void oneOfManyAtOnceFreezes() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 5; round++) {
        String name = "race-" + round;
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          String request = "{'name': '" + name + "', 'top': " + (1 + i % 2) + "}";
          calls.add(() -> ask(request));
        }
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> answer : threads.invokeAll(calls)) {
          answers.add(answer.get());
        }
        List<Integer> statuses = answers.stream().map(Answer::status).sorted().toList();
        assertThat(statuses).containsExactly(200, 200, 200, 201, 409, 409, 409, 409);
        JsonNode kept = http.get("/runs/" + run + "/subsets/" + name).json();
        answers.stream()
            .filter(answer -> answer.status() < 300)
            .forEach(answer -> assertThat(answer.json().get("size")).isEqualTo(kept.get("size")));
      }
    }
  }

  @Test
  void keepsItsRunFromBeingDeletedButByForce() {
    freeze("{'name': 'kept', 'top': 3}", 201);
    Answer refused = http.exchange("DELETE", "/runs/" + run, "");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("run-has-subsets");
    assertThat(refused.json().get("detail").stringValue()).contains("kept", "force=true");
    assertThat(http.get(frozen("kept")).json().get("size").intValue()).isEqualTo(3);
    assertThat(http.get("/runs/" + run + "/scores").json().get("items")).isNotEmpty();
    Answer before = http.get(frozen("kept?format=ids"));
    http.delete("/runs/" + run + "?force=true");
    assertThat(http.exchange("GET", frozen("kept"), "").status()).isEqualTo(410);
    assertThat(ask("{'name': 'late', 'top': 3}").status()).isEqualTo(410);
    http.put("/runs/" + run, "{}");
    assertThat(http.get("/runs/" + run + "/subsets").json().get("items")).isEmpty();
    assertThat(http.exchange("GET", frozen("kept"), "").problem()).isEqualTo("subset-not-found");
    assertThat(freeze("{'name': 'kept', 'top': 5}", 201).json().get("size").intValue()).isZero();
    assertThat(unchanged(frozen("kept?format=ids"), before.etag())).isEqualTo(200);
    http.delete("/runs/" + run + "?force=true");
  }

  @Test
  void aDeletedRunHasNone() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 10; round++) {
        String name = "deleted-" + round;
        Future<Answer> freezing = threads.submit(() -> ask("{'name': '" + name + "', 'top': 1}"));
        Future<Answer> deletion =
            threads.submit(() -> http.exchange("DELETE", "/runs/" + run + "?force=true", ""));
        assertThat(deletion.get().status()).isEqualTo(204);
        assertThat(freezing.get().status()).isIn(201, 410);
        http.put("/runs/" + run, "{}");
        assertThat(http.get("/runs/" + run + "/subsets").json().get("items")).isEmpty();
        send(1, "");
      }
    }
  }

  @Test
  void refusesWhatIsNotARequest() {
    Map<String, String> pointers = new LinkedHashMap<>();
    pointers.put("{'top': 1}", "#/name");
    pointers.put("{'name': null, 'top': 1}", "#/name");
    pointers.put("{'name': '', 'top': 1}", "#/name");
    pointers.put("{'name': 'a/b', 'top': 1}", "#/name");
    pointers.put("{'name': '-a', 'top': 1}", "#/name");
    pointers.put("{'name': '" + "a".repeat(129) + "', 'top': 1}", "#/name");
    pointers.put("{'name': 7, 'top': 1}", "#/name");
    pointers.put("{'name': 'a'}", "#/threshold");
    pointers.put("{'name': 'a', 'top': 1, 'fraction': 0.5}", "#/top");
    pointers.put("{'name': 'a', 'top': 0}", "#/top");
    pointers.put("{'name': 'a', 'top': 1.5}", "#/top");
    pointers.put("{'name': 'a', 'top': '1'}", "#/top");
    pointers.put("{'name': 'a', 'top': [1]}", "#/top");
    pointers.put("{'name': 'a', 'top': {'b': 'c'}}", "#/top");
    pointers.put("{'name': 'a', 'threshold': 1e400}", "#/threshold");
    pointers.put("{'name': 'a', 'fraction': 0}", "#/fraction");
    pointers.put("{'name': 'a', 'fraction': 1.01}", "#/fraction");
    pointers.put("{'name': 'a', 'top': 1, 'solved': 'perhaps'}", "#/solved");
    pointers.put("{'name': 'a', 'top': 1, 'strategy': 'none'}", "#/strategy");
    pointers.put("{'name': 'a', 'top': 1, 'seed': 1}", "#/seed");
    pointers.put("{'name': 'a', 'top': 1, 'strategy': 'random', 'seed': 1e3}", "#/seed");
    pointers.put("{'name': 'a', 'top': 1, 'rewardMax': 1e39}", "#/rewardMax");
    pointers.put("{'name': 'a', 'top': 1, 'from': 3, 'through': 2}", "#/through");
    pointers.put("{'name': 'a', 'top': 1, 'through': 11}", "#/through");
    pointers.put("{'name': 'a', 'top': 1, 'from': 11}", "#/from");
    pointers.put("{'name': 'a', 'top': 1, 'format': 'csv'}", "#/format");
    pointers.put("{'name': 'a', 'top': 1, 'a~/b': 1}", "#/a~0~1b");
    pointers.put("[]", "#");
    pointers.put("1", "#");
    pointers.forEach((body, pointer) -> {
      Answer answer = ask(body);
      assertThat(answer.status()).as(body).isEqualTo(422);
      assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
          .as(body)
          .isEqualTo(pointer);
    });
    for (String body : List.of("{", "{'name': 'a', 'top': NaN}", "{'name': 'a', 'top': 1} 2")) {
      assertThat(ask(body).status()).as(body).isEqualTo(400);
    }
    assertThat(ask("").status()).isEqualTo(422);
    for (String path :
        List.of(
            "subsets?top=1",
            "subsets?limit=0",
            "subsets?cursor=x",
            "subsets/-a",
            "subsets/a%20b")) {
      assertThat(http.exchange("GET", "/runs/" + run + "/" + path, "").status())
          .as(path)
          .isEqualTo(400);
    }
    freeze("{'name': 'there', 'top': 1}", 201);
    for (String query : List.of("top=1", "format=exe", "format=csv&format=csv", "threshold=0.5")) {
      assertThat(http.exchange("GET", frozen("there?" + query), "").status())
          .as(query)
          .isEqualTo(400);
    }
    assertThat(http.exchange("GET", frozen("there"), "", "Accept", "image/png").status())
        .isEqualTo(406);
    assertThat(http.exchange("POST", "/runs/" + run + "/subsets?top=1", "{}").status())
        .isEqualTo(400);
    assertThat(http.exchange("GET", frozen("absent"), "").problem()).isEqualTo("subset-not-found");
    assertThat(http.exchange("GET", "/runs/no-such-run/subsets", "").problem())
        .isEqualTo("run-not-found");
    assertThat(
            http.exchange("POST", "/runs/no-such-run/subsets", "{\"name\":\"a\",\"top\":1}")
                .problem())
        .isEqualTo("run-not-found");
    assertThat(http.items("/runs/" + run + "/subsets?")).hasSize(1);
  }

  private Answer freeze(String body, int status) {
    Answer answer = ask(body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    return answer;
  }

  private Answer ask(String body) {
    return http.exchange("POST", "/runs/" + run + "/subsets", body.replace('\'', '"'));
  }

  private String frozen(String rest) {
    return "/runs/" + run + "/subsets/" + rest;
  }

  private String live(String query) {
    return "/runs/" + run + "/subset?" + query;
  }

  /** A few are absent from each epoch; rewards rise. */
  private void send(int epoch, String query) {
    String rewards =
        IntStream.range(0, SAMPLES)
            .filter(i -> i % 13 != epoch % 13)
            .mapToObj(i ->
                IntStream.range(0, 8)
                    .mapToObj(_ -> random.nextInt(40) < epoch + i % 17 ? "1" : "0")
                    .collect(
                        Collectors.joining(
                            ",", "{\"sample\":\"" + sample(i) + "\",\"values\":[", "]}")))
            .collect(Collectors.joining(",", "{\"rewards\":[", "]}"));
    http.post("/runs/" + run + "/epochs/" + epoch + "/rewards" + query, rewards);
  }

  private static String sample(int i) {
    return "prompt, \\\"" + i;
  }

  private static String sha256(List<String> ids) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ids.stream()
        .sorted()
        .forEach(id -> digest.update((id + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }
}
