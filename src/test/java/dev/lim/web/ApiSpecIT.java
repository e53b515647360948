package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.IntegrationTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds {@code api-spec/openapi.yaml} to what the service serves. To write it anew: {@code mvn test
 * -Dtest=ApiSpecIT -Dapi-spec.write}.
 */
@IntegrationTest
class ApiSpecIT {

  private static final Path SPEC = Path.of("api-spec", "openapi.yaml");

  /** What the container refuses, and what the service answers only by its own fault. */
  private static final Set<String> OF_NO_CALL =
      Set.of(
          "forbidden",
          "not-found",
          "method-not-allowed",
          "host-not-allowed",
          "internal-error",
          "container");

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void theFileIsWhatTheServiceServes() throws Exception {
    String served = get("127.0.0.1", "/v3/api-docs.yaml");
    if (System.getProperty("api-spec.write") != null) {
      Files.createDirectories(SPEC.getParent());
      Files.writeString(SPEC, served);
    }
    assertThat(SPEC)
        .as("write it anew with: mvn test -Dtest=ApiSpecIT -Dapi-spec.write")
        .exists()
        .hasContent(served);
  }

  @Test
  void theDocumentIsTheSameUnderEveryNameOfTheService() throws Exception {
    String served = get("localhost", "/v3/api-docs.yaml");
    assertThat(served)
        .isEqualTo(get("127.0.0.1", "/v3/api-docs.yaml"))
        .doesNotContain(String.valueOf(port), "localhost");
  }

  @Test
  void thePageAsksNoOtherHostAndSendsLinesAsTheyAre() throws Exception {
    assertThat(get("localhost", "/swagger-ui/swagger-initializer.js"))
        .contains("/v3/api-docs/swagger-config", "/ndjson/.test(type)")
        .doesNotContain("https:");
    assertThat(get("localhost", "/swagger-ui/index.html")).doesNotContain("https:");
  }

  @Test
  void theVersionIsThatOfTheBuild() throws IOException {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains(
            """
              <artifactId>lim-server</artifactId>
              <version>%s</version>
            """
                .formatted(OpenApiConfiguration.VERSION));
  }

  @Test
  void everyCallIsExplained() throws Exception {
    List<String> gaps = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Call call : calls()) {
      JsonNode operation = call.operation();
      if (operation.path("summary").asString("").isEmpty()) {
        gaps.add(call.name() + " has no summary");
      }
      if (operation.path("description").asString("").isEmpty()) {
        gaps.add(call.name() + " has no description");
      }
      if (operation.path("operationId").asString("").matches(".*_[0-9]+")
          || !ids.add(operation.path("operationId").asString(""))) {
        gaps.add(call.name() + " has no id of its own");
      }
      for (JsonNode parameter : operation.path("parameters")) {
        String name = parameter.path("name").asString();
        if (parameter.path("description").asString("").isEmpty()) {
          gaps.add(call.name() + ": " + name + " is not explained");
        }
        if (parameter.path("required").asBoolean(false) && !parameter.has("example")) {
          gaps.add(call.name() + ": " + name + " has no example");
        }
      }
      for (JsonNode content : operation.at("/requestBody/content")) {
        if (!content.has("example") && !content.has("examples")) {
          gaps.add(call.name() + ": the body has no example");
        }
      }
      JsonNode responses = operation.path("responses");
      if (responses.propertyNames().stream().noneMatch(status -> status.startsWith("2"))
          || responses.has("default")) {
        gaps.add(call.name() + " does not say its success");
      }
    }
    assertThat(gaps).isEmpty();
  }

  @Test
  void everyProblemIsListedWithTheCallsThatAnswerIt() throws Exception {
    JsonNode document = document();
    Set<String> listed = new HashSet<>();
    for (Call call : calls()) {
      for (JsonNode response : call.operation().path("responses")) {
        String reference = response.path("$ref").asString("");
        if (!reference.isEmpty()) {
          JsonNode problem =
              document.at(reference.substring(1)).at("/content/application~1problem+json");
          assertThat(problem.at("/schema/$ref").asString())
              .isEqualTo("#/components/schemas/Problem");
          listed.addAll(problem.path("examples").propertyNames());
        }
      }
    }
    for (ProblemType type : ProblemType.values()) {
      String name = type.urn().substring(type.urn().lastIndexOf(':') + 1);
      assertThat(listed.contains(name) != OF_NO_CALL.contains(name))
          .as("%s is named by a call, or else said here to be of none", name)
          .isTrue();
    }
  }

  private record Call(String name, JsonNode operation) {}

  private List<Call> calls() throws Exception {
    List<Call> calls = new ArrayList<>();
    document()
        .path("paths")
        .forEachEntry((path, methods) ->
            methods.forEachEntry(
                (method, operation) -> calls.add(new Call(method + " " + path, operation))));
    assertThat(calls).hasSizeGreaterThan(20);
    return calls;
  }

  private JsonNode document() throws Exception {
    return new JsonMapper().readTree(get("127.0.0.1", "/v3/api-docs"));
  }

  private String get(String host, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://%s:%d%s".formatted(host, port, path))).build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }
}
