package dev.lim.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lim.Http;
import dev.lim.LimServer;
import dev.lim.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;

/** Each test begins without runs, on the database that all of them share. */
class TrainingJobIT {

  private static final TestDatabase DATABASE = TestDatabase.create();

  private static ConfigurableApplicationContext service = startService();
  private @Nullable TrainingJob ownJob;

  private static ConfigurableApplicationContext startService() {
    return new SpringApplicationBuilder(LimServer.class)
        .profiles("demo")
        .run(
            "--server.port=0",
            "--spring.datasource.url=" + DATABASE.url(),
            "--spring.datasource.username=" + DATABASE.user(),
            "--spring.datasource.password=" + DATABASE.password(),
            "--lim.demo.pace=50ms",
            "--lim.demo.epochs=10000");
  }

  @AfterAll
  static void close() {
    service.close();
  }

  @BeforeEach
  void withoutRuns() {
    job().stop();
    for (JsonNode run : get("/runs").path("items")) {
      http().delete("/runs/" + run.path("run").asString());
    }
  }

  @AfterEach
  void endOwnJob() {
    if (ownJob != null) {
      ownJob.stop();
    }
  }

  @Test
  void postsEpochsThatAreScored() {
    job().start();
    await("three epochs", () -> completeEpochs("demo") >= 3);
    JsonNode scores = get("/runs/demo/scores");
    assertThat(scores.path("scored").asInt()).isGreaterThan(1_800);
    assertThat(scores.path("items")).hasSize(100);
    JsonNode first = get("/runs/demo").path("epochs").path(0);
    assertThat(first.path("batches").asInt()).isEqualTo(8);
    assertThat(first.path("samples").asInt()).isEqualTo(1_920);
    assertThat(first.path("rollouts").asInt()).isEqualTo(15_360);
    assertThat(get("/datasets/demo").path("samples").asInt()).isEqualTo(2_000);
  }

  @Test
  void goesOnAfterARestartOfTheService() {
    job().start();
    await("an epoch", () -> completeEpochs("demo") >= 1);
    service.close();
    service = startService();
    int before = completeEpochs("demo");
    await("two epochs more", () -> completeEpochs("demo") >= before + 2);
    assertThat(get("/runs").path("items")).hasSize(1);
    for (JsonNode epoch : get("/runs/demo").path("epochs")) {
      if (epoch.path("complete").asBoolean()) {
        assertThat(epoch.path("rollouts").asInt()).isEqualTo(15_360);
      }
    }
  }

  @Test
  void doesAnUnfinishedEpochAgain() {
    job().start();
    await("an epoch", () -> completeEpochs("demo") >= 1);
    job().stop();
    int next = completeEpochs("demo") + 1;
    String half = "/runs/demo/epochs/%d/batches/step-%d".formatted(next, next * 8 - 7);
    http().put(half, "{\"rewards\": [{\"sample\": \"prompt-0001\", \"values\": [1]}]}");
    job().start();
    await("the epoch", () -> completeEpochs("demo") >= next);
    assertThat(get("/runs/demo").path("epochs").path(next - 1).path("rollouts").asInt())
        .isEqualTo(15_360);
  }

  @Test
  void finishesARunAndThenBeginsAnother() {
    trainForThreeEpochs();
    assertThat(get("/runs/demo").path("state").asString()).isEqualTo("finished");
    assertThat(completeEpochs("demo")).isEqualTo(3);
    trainForThreeEpochs();
    assertThat(get("/runs/demo-2").path("state").asString()).isEqualTo("finished");
    assertThat(get("/runs").path("items")).hasSize(2);
  }

  @Test
  void leavesRunsAloneThatAreNotItsOwn() {
    http().put("/runs/demo", "{\"missing\": \"carry\"}");
    trainForThreeEpochs();
    assertThat(completeEpochs("demo")).isZero();
    assertThat(completeEpochs("demo-2")).isEqualTo(3);
  }

  @Test
  void endsWithoutBringingARunBackThatIsDeletedUnderIt() {
    job().start();
    await("an epoch", () -> completeEpochs("demo") >= 1);
    assertThat(status("DELETE", "/runs/demo")).isEqualTo(204);
    await("the end of the job", () -> !job().isRunning());
    assertThat(status("GET", "/runs/demo")).isEqualTo(410);

    job().stop();
    job().start();
    await("a run made anew", () -> completeEpochs("demo") >= 1);
  }

  @Test
  void endsWhenItsRunIsFinishedAndLaterBeginsAnother() {
    job().start();
    await("an epoch", () -> completeEpochs("demo") >= 1);
    assertThat(status("POST", "/runs/demo/finish")).isEqualTo(200);
    await("the end of the job", () -> !job().isRunning());

    job().stop();
    job().start();
    await("another run", () -> completeEpochs("demo-2") >= 1);
  }

  @Test
  void stopsAtOnceInTheMiddleOfALongEpoch() {
    ownJob = job(new DemoSettings(Duration.ofHours(1), 3));
    ownJob.start();
    await("a batch", () -> status("GET", "/runs/demo") == 200);
    Instant begun = Instant.now();
    ownJob.stop();
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void theStartPageLeadsToCallsThatAnswer() throws IOException, InterruptedException {
    trainForThreeEpochs();
    HttpResponse<String> page = open("/");
    assertThat(page.statusCode()).isEqualTo(200);
    List<String> links =
        Pattern.compile("href=\"(/[^\"]*)\"")
            .matcher(page.body())
            .results()
            .map(link -> link.group(1).replace("&amp;", "&").replace("{run}", "demo"))
            .toList();
    assertThat(links).hasSizeGreaterThan(8).contains("/api/v1/runs/demo/scores");
    for (String link : links) {
      assertThat(open(link).statusCode()).as(link).isIn(200, 302);
    }
  }

  private static HttpResponse<String> open(String path) throws IOException, InterruptedException {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + port() + path);
      return browser.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }
  }

  private static TrainingJob job() {
    return service.getBean(TrainingJob.class);
  }

  private static TrainingJob job(DemoSettings settings) {
    return new TrainingJob(
        settings, service.getBean(ServerProperties.class), service.getBean(Environment.class));
  }

  private void trainForThreeEpochs() {
    TrainingJob job = job(new DemoSettings(Duration.ofMillis(1), 3));
    ownJob = job;
    job.start();
    await("the end of the job", () -> !job.isRunning());
  }

  private static int completeEpochs(String run) {
    JsonNode epochs = get("/runs/" + run).path("epochs");
    return (int)
        StreamSupport.stream(epochs.spliterator(), false)
            .filter(epoch -> epoch.path("complete").asBoolean())
            .count();
  }

  private static void await(String what, BooleanSupplier condition) {
    Instant deadline = Instant.now().plusSeconds(180);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(deadline)) {
        fail("waited in vain for %s; %s", what, get("/runs"));
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static JsonNode get(String path) {
    return http().exchange("GET", path, "").json();
  }

  private static int status(String method, String path) {
    return http().exchange(method, path, "").status();
  }

  private static Http http() {
    return new Http(port());
  }

  private static int port() {
    return service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }
}
