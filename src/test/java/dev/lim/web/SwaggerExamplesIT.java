package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.lim.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.ContextConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every call's example works when it is pressed in Swagger UI, on a run and a dataset like those of
 * the demo, and is answered as documented. On a database of its own, for the sake of their names.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@ContextConfiguration(initializers = TestDatabase.OwnInitializer.class)
class SwaggerExamplesIT {

  private static final int PROMPTS = 50;
  private static final int EPOCHS = 10;

  /** In an order that a user could press them in, with the status of each. */
  private static final Map<String, Integer> PRESSED =
      inOrder(
          "createDataset 201",
          "uploadRecords 200",
          "getDataset 200",
          "listDatasets 200",
          "listRecords 200",
          "createRun 201",
          "changeRun 200",
          "sendEpoch 201",
          "sendBatch 201",
          "streamRewards 200",
          "completeEpoch 200",
          "getRun 200",
          "listRuns 200",
          "getScores 200",
          "getCurve 200",
          "getDistribution 200",
          "getTrajectories 200",
          "getStability 200",
          "getReproducibility 200",
          "compareRuns 200",
          "selectSubset 200",
          "freezeSubset 200",
          "listSubsets 200",
          "getSubset 200",
          "drawSamples 200",
          "takeBatchBack 204",
          "finishRun 200",
          "beginAttempt 200",
          "listStrategies 200",
          "getLimits 200",
          "deleteRun 204");

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();
  private final JsonMapper json = new JsonMapper();
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** A call of the document. */
  private record Call(String method, String path, JsonNode operation) {}

  @BeforeEach
  void makeTheDemo() throws Exception {
    String records =
        prompts()
            .map(id -> "{\"id\": \"%s\", \"prompt\": \"What is it?\"}\n".formatted(id))
            .collect(Collectors.joining());
    assertThat(send("PUT", "/api/v1/datasets/demo/samples", Api.NDJSON, records).statusCode())
        .isEqualTo(200);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      int solved = epoch;
      String rewards =
          prompts()
              .map(id -> {
                int easiness = Integer.parseInt(id.substring(id.length() - 2)) % 5;
                String values =
                    IntStream.range(0, 8)
                        .mapToObj(rollout -> rollout * 2 < solved + easiness - 3 ? "1" : "0")
                        .collect(Collectors.joining(","));
                return "{\"sample\": \"%s\", \"values\": [%s]}".formatted(id, values);
              })
              .collect(Collectors.joining(",", "{\"rewards\": [", "]}"));
      String path = "/api/v1/runs/demo/epochs/%d/rewards".formatted(epoch);
      assertThat(send("POST", path, "application/json", rewards).statusCode()).isIn(200, 201);
    }
    String freeze = "{\"name\": \"final\", \"threshold\": 0.6, \"solved\": \"some\"}";
    assertThat(send("POST", "/api/v1/runs/demo/subsets", "application/json", freeze).statusCode())
        .isIn(200, 201);
  }

  @Test
  void everyExampleIsAnsweredAsDocumented() throws Exception {
    JsonNode document = json.readTree(get("/v3/api-docs").body());
    Map<String, Call> calls = calls(document);
    assertThat(PRESSED.keySet())
        .as("a new call belongs into the order in which calls are pressed here")
        .containsExactlyInAnyOrderElementsOf(calls.keySet());
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Integer> pressed : PRESSED.entrySet()) {
      Call call = Objects.requireNonNull(calls.get(pressed.getKey()));
      for (JsonNode body : bodies(call)) {
        HttpResponse<String> answer = press(call, body);
        String status = String.valueOf(answer.statusCode());
        String what = pressed.getKey() + " was answered " + status + ": " + answer.body();
        if (answer.statusCode() != pressed.getValue()) {
          wrong.add(what);
        }
        if (!call.operation.path("responses").has(status)) {
          wrong.add("not documented: " + what);
        } else {
          wrong.addAll(breaches(document, call, answer));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theExamplesOfAnswersHoldToo() throws Exception {
    JsonNode document = json.readTree(get("/v3/api-docs").body());
    List<String> wrong = new ArrayList<>();
    document
        .at("/components/responses")
        .forEachEntry((name, response) ->
            response
                .at("/content/application~1problem+json/examples")
                .forEachEntry((type, example) -> {
                  JsonNode schema = response.at("/content/application~1problem+json/schema");
                  JsonNode value = example.path("value");
                  breaches(document, schema, value)
                      .forEach(breach -> wrong.add(type + ": " + breach));
                  if (!value.path("type").asString("").endsWith(":" + type)) {
                    wrong.add(name + " shows another type as " + type);
                  }
                }));
    assertThat(document.at("/components/responses").size()).isGreaterThan(10);
    assertThat(wrong).isEmpty();
  }

  @Test
  void anAnswerThatTheClientHasIsNotSentAgain() throws Exception {
    JsonNode document = json.readTree(get("/v3/api-docs").body());
    int revalidated = 0;
    for (Call call : calls(document).values()) {
      if (call.operation.path("responses").has("304")) {
        String path = address(call);
        String tag = get(path).headers().firstValue("ETag").orElseThrow();
        HttpRequest again = request(path).header("If-None-Match", tag).build();
        assertThat(http.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
            .as(path)
            .isEqualTo(304);
        revalidated++;
      }
    }
    assertThat(revalidated).isGreaterThanOrEqualTo(6);
  }

  private static Map<String, Integer> inOrder(String... calls) {
    Map<String, Integer> order = new LinkedHashMap<>();
    for (String call : calls) {
      String[] parts = call.split(" ");
      order.put(parts[0], Integer.parseInt(parts[1]));
    }
    return order;
  }

  private static Stream<String> prompts() {
    return IntStream.rangeClosed(1, PROMPTS).mapToObj("prompt-%04d"::formatted);
  }

  private static Map<String, Call> calls(JsonNode document) {
    Map<String, Call> calls = new TreeMap<>();
    document
        .path("paths")
        .forEachEntry((path, methods) ->
            methods.forEachEntry((method, operation) ->
                calls.put(
                    operation.path("operationId").asString(),
                    new Call(method.toUpperCase(Locale.ROOT), path, operation))));
    return calls;
  }

  /** The media types and examples of the body; one missing node where there is no body. */
  private List<JsonNode> bodies(Call call) {
    List<JsonNode> bodies = new ArrayList<>();
    call.operation
        .at("/requestBody/content")
        .forEachEntry((type, content) -> {
          ObjectNode body = json.createObjectNode().put("type", type);
          body.set("example", content.get("example"));
          bodies.add(body);
        });
    return bodies.isEmpty() ? List.of(json.createObjectNode()) : bodies;
  }

  /** Fills parameters as Swagger UI does: with their examples, else their defaults, else not. */
  private HttpResponse<String> press(Call call, JsonNode body) throws Exception {
    HttpRequest.Builder request = request(address(call));
    for (JsonNode parameter : call.operation.path("parameters")) {
      JsonNode value = value(parameter);
      if (parameter.path("in").asString().equals("header") && value != null) {
        request.header(parameter.path("name").asString(), value.asString());
      }
    }
    if (body.has("type")) {
      JsonNode example = body.get("example");
      String text = example.isString() ? example.asString() : json.writeValueAsString(example);
      request.header("Content-Type", body.get("type").asString());
      request.method(call.method, BodyPublishers.ofString(text));
    } else {
      request.method(call.method, BodyPublishers.noBody());
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String address(Call call) {
    String path = call.path;
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : call.operation.path("parameters")) {
      JsonNode value = value(parameter);
      String name = parameter.path("name").asString();
      if (parameter.path("in").asString().equals("path")) {
        path = path.replace("{" + name + "}", Objects.requireNonNull(value).asString());
      } else if (parameter.path("in").asString().equals("query") && value != null) {
        for (JsonNode one : value.isArray() ? value : List.of(value)) {
          query.add(name + "=" + URLEncoder.encode(one.asString(), StandardCharsets.UTF_8));
        }
      }
    }
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  private static @Nullable JsonNode value(JsonNode parameter) {
    return parameter.has("example")
        ? parameter.get("example")
        : parameter.path("schema").get("default");
  }

  private List<String> breaches(JsonNode document, Call call, HttpResponse<String> answer) {
    JsonNode content =
        call.operation.path("responses").path(String.valueOf(answer.statusCode())).path("content");
    if (content.isMissingNode()) {
      return answer.body().isEmpty() ? List.of() : List.of(call.path + " has a body");
    }
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";")[0];
    if (!content.has(type)) {
      return List.of(call.path + " is answered as " + type);
    }
    return breaches(document, content.path(type).path("schema"), json.readTree(answer.body()))
        .stream()
        .map(breach -> call.path + ": " + breach)
        .toList();
  }

  /** What is wrong with a value, fields that the schema does not name among it. */
  private List<String> breaches(JsonNode document, JsonNode schema, JsonNode value) {
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("components", document.get("components"));
    if (value.isObject()) {
      whole.put("unevaluatedProperties", false);
    }
    return schemas.getSchema(whole).validate(value).stream().map(Object::toString).toList();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path, String type, String body)
      throws IOException, InterruptedException {
    return http.send(
        request(path)
            .header("Content-Type", type)
            .method(method, BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
  }
}
