package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.IntegrationTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@IntegrationTest
class OneKeyIT {

  private static final int WRITERS = 64;

  @LocalServerPort int port;

  private record Said(int status, JsonNode body) {

    String outcome() {
      return body.get("outcome").stringValue();
    }

    int revision() {
      return body.get("revision").asInt();
    }
  }

  @Test
  void oneOfManyWritersOfTheSameAddsAndTheOthersChangeNothing() throws Exception {
    String run = "same-" + UUID.randomUUID();
    List<Said> said = putAtOnce(run, _ -> batch(1));
    assertThat(said).filteredOn(s -> s.outcome().equals("added") && s.status == 201).hasSize(1);
    assertThat(said)
        .filteredOn(s -> s.outcome().equals("unchanged") && s.status == 200)
        .hasSize(WRITERS - 1);
    assertThat(said).allMatch(s -> s.revision() == 1);
    assertThat(get("/runs/" + run).get("revision").asInt()).isEqualTo(1);
    assertThat(get("/runs/" + run).get("rollouts").asInt()).isEqualTo(WRITERS);
  }

  @Test
  void theLastOfManyWritersOfOtherContentsStaysAndAllAreToldTheTruth() throws Exception {
    String run = "other-" + UUID.randomUUID();
    List<Said> said = putAtOnce(run, OneKeyIT::batch);
    assertThat(said.stream().map(Said::revision).sorted())
        .isEqualTo(IntStream.rangeClosed(1, WRITERS).boxed().toList());
    assertThat(said).allMatch(s -> s.outcome().equals(s.revision() == 1 ? "added" : "replaced"));
    int last =
        said.indexOf(said.stream().max(Comparator.comparingInt(Said::revision)).orElseThrow());
    assertThat(get("/runs/" + run).get("revision").asInt()).isEqualTo(WRITERS);
    assertThat(get("/runs/" + run).get("rollouts").asInt()).isEqualTo(WRITERS);
    JsonNode epoch =
        get("/runs/" + run + "/trajectories?sample=a").get("items").get(0).get("epochs").get(0);
    assertThat(epoch.get("reward").asDouble()).isEqualTo(last / (double) WRITERS);
  }

  /** One sample with as many rollouts as there are writers, of which so many earn the reward. */
  private static String batch(int solved) {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < WRITERS; i++) {
      values.append(i == 0 ? "" : ",").append(i < solved ? 1 : 0);
    }
    return "{\"rewards\":[{\"sample\":\"a\",\"values\":[" + values + "]}]}";
  }

  private List<Said> putAtOnce(String run, IntFunction<String> body) throws Exception {
    CountDownLatch ready = new CountDownLatch(WRITERS);
    List<Future<Said>> futures = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < WRITERS; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(uri("/runs/" + run + "/epochs/1/batches/one"))
                .PUT(BodyPublishers.ofString(body.apply(i)))
                .header("Content-Type", "application/json")
                .build();
        futures.add(
            executor.submit(() -> {
              ready.countDown();
              ready.await();
              var answer = client.send(request, BodyHandlers.ofString());
              return new Said(answer.statusCode(), new JsonMapper().readTree(answer.body()));
            }));
      }
      List<Said> said = new ArrayList<>();
      for (Future<Said> future : futures) {
        said.add(future.get());
      }
      return said;
    }
  }

  private JsonNode get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return new JsonMapper()
          .readTree(
              client
                  .send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
                  .body());
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + "/api/v1" + path);
  }
}
