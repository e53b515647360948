package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.LimServer;
import dev.lim.Seed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/**
 * The service in a JVM of its own on its embedded database, killed in the middle of a streamed
 * import: what was acknowledged is there, nothing is there twice, and sending the whole file again
 * ends in the scores of an import that nobody disturbed.
 */
class CrashIT {

  private static final int CYCLES = 3;
  private static final int EPOCHS = 6;
  private static final int STEPS = 150;
  private static final int SAMPLES = 40;
  private static final int ROLLOUTS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path DIRECTORY = Path.of("target", "crash-it").toAbsolutePath();

  private final Path data = DIRECTORY.resolve(UUID.randomUUID().toString());
  private Process service;
  private Http http;

  @AfterEach
  void stop() throws InterruptedException, IOException {
    if (service != null) {
      service.destroy();
      assertThat(service.waitFor(60, TimeUnit.SECONDS)).as("the service stops when told").isTrue();
      FileSystemUtils.deleteRecursively(data);
    }
  }

  @Test
  void acknowledgedBatchesSurviveAKillAndTheImportCanBeSentAgain() throws Exception {
    Random random = new Random(Seed.of(getClass()));
    String file = file(random);
    start();
    stream("undisturbed", file);
    String wanted = scores("undisturbed");
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      String run = "crashed-" + cycle;
      // acknowledged one by one, beside the stream
      Set<Integer> acknowledged = new TreeSet<>();
      CompletableFuture<Answer> streaming = streamSlowly(run, file);
      int enough = 1 + random.nextInt(EPOCHS * STEPS / 2);
      long seen = 0;
      for (int i = 1; seen < enough; i++) {
        Answer put =
            http.exchange(
                "PUT",
                "/runs/" + run + "/epochs/7/batches/put-" + i,
                "{\"rewards\": [{\"sample\": \"put\", \"values\": [" + i + "]}]}");
        assertThat(put.status()).as(put.text()).isEqualTo(201);
        acknowledged.add(i);
        seen = streamed(http.get("/runs/" + run).json());
        assertThat(streaming).as("the import outran the test").isNotDone();
      }
      service.destroyForcibly().waitFor();
      assertThat(streaming.handle((answer, error) -> answer == null).get()).isTrue();
      start();
      JsonNode there = http.get("/runs/" + run).json();
      long survived = streamed(there);
      assertThat(survived).isBetween(seen, (long) EPOCHS * STEPS - 1);
      prefix(there, (int) survived);
      Answer puts = http.get("/runs/" + run + "/trajectories?from=7&through=7&sample=put");
      JsonNode epoch = puts.json().get("items").get(0).get("epochs").get(0);
      int count = acknowledged.size();
      assertThat(epoch.get("rollouts").intValue()).isEqualTo(count);
      assertThat(epoch.get("reward").doubleValue()).isEqualTo((count + 1) / 2.0);
      for (int i : acknowledged) {
        http.delete("/runs/" + run + "/epochs/7/batches/put-" + i);
      }
      JsonNode answer = stream(run, file);
      assertThat(answer.get("unchanged").longValue()).isEqualTo(survived);
      assertThat(answer.get("added").longValue()).isEqualTo(EPOCHS * STEPS - survived);
      assertThat(answer.get("replaced").longValue()).isZero();
      assertThat(scores(run)).isEqualTo(wanted);
      System.out.printf(
          "CrashIT: killed after %d of %d lines were seen, %d survived, with %d puts%n",
          seen, EPOCHS * STEPS, survived, count);
    }
  }

  /** What is there is a beginning of the file: whole lines, in its order. */
  private static void prefix(JsonNode run, int lines) {
    for (JsonNode epoch : run.get("epochs")) {
      int number = epoch.get("epoch").intValue();
      if (number <= EPOCHS) {
        int batches = Math.clamp(lines - (number - 1L) * STEPS, 0, STEPS);
        assertThat(epoch.get("batches").intValue()).as("epoch %d", number).isEqualTo(batches);
        assertThat(epoch.get("rollouts").intValue()).isEqualTo(batches * SAMPLES * ROLLOUTS);
        assertThat(epoch.get("samples").intValue()).isEqualTo(batches * SAMPLES);
      }
    }
  }

  private static long streamed(JsonNode run) {
    return run.get("epochs")
        .valueStream()
        .filter(epoch -> epoch.get("epoch").intValue() <= EPOCHS)
        .mapToLong(epoch -> epoch.get("batches").longValue())
        .sum();
  }

  /** Each line a step; each step other samples; every epoch all of them. */
  private static String file(Random random) {
    StringBuilder file = new StringBuilder();
    for (int line = 0; line < EPOCHS * STEPS; line++) {
      int epoch = 1 + line / STEPS;
      file.append("{\"epoch\": %d, \"step\": %d, \"rewards\": [".formatted(epoch, line + 1));
      for (int sample = 0; sample < SAMPLES; sample++) {
        List<Integer> values = new ArrayList<>();
        for (int rollout = 0; rollout < ROLLOUTS; rollout++) {
          values.add(random.nextInt(8) < epoch ? 1 : 0);
        }
        file.append(sample == 0 ? "" : ", ")
            .append("{\"sample\": \"p%d\"".formatted(line % STEPS * SAMPLES + sample))
            .append(", \"values\": ")
            .append(values)
            .append('}');
      }
      file.append("]}\n");
    }
    return file.toString();
  }

  private JsonNode stream(String run, String file) throws IOException {
    Answer answer =
        http.stream(
            "POST",
            "/runs/" + run + "/rewards",
            () -> new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  /** As a trainer that is at work: line by line, so that it is not over before the service dies. */
  private CompletableFuture<Answer> streamSlowly(String run, String file) {
    byte[] bytes = file.getBytes(StandardCharsets.UTF_8);
    Http to = http;
    return CompletableFuture.supplyAsync(() -> {
      try {
        return to.stream("POST", "/runs/" + run + "/rewards", () -> new LineByLine(bytes));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static final class LineByLine extends ByteArrayInputStream {

    LineByLine(byte[] lines) {
      super(lines);
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      int end = pos;
      while (end < count && buf[end] != '\n') {
        end++;
      }
      LockSupport.parkNanos(Duration.ofMillis(4).toNanos());
      return super.read(target, offset, Math.min(length, end + 1 - pos));
    }
  }

  private String scores(String run) {
    return http.pages("/runs/" + run + "/scores?")
        .replace('"' + run + '"', "\"run\"")
        .replaceAll("\"revision\":[0-9]+", "");
  }

  private void start() throws IOException {
    Files.createDirectories(data);
    int port = freePort();
    service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                LimServer.class.getName(),
                "--server.port=" + port,
                "--lim.data-dir=" + data)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(data.resolveSibling("service.log").toFile()))
            .start();
    http = new Http(port);
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      assertThat(service.isAlive()).as("the service ended; see %s", DIRECTORY).isTrue();
      assertThat(Instant.now()).as("the service did not start in time").isBefore(deadline);
      try {
        if (http.exchange("GET", "/limits", "").status() == 200) {
          return;
        }
      } catch (AssertionError notYet) {
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
