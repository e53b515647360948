package dev.lim.scoring;

import dev.lim.LimServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.StringJoiner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/**
 * From end to end: a service of its own with an embedded PostgreSQL; a run of 100,000 samples and
 * 20 epochs; then, again and again, 512 samples' 4,096 rewards more into the last epoch, durably,
 * and the top of the ranking that has them in it. Prints the milliseconds of the write, and of the
 * read that must see it.
 */
public final class FreshScores {

  private static final int SAMPLES = 100_000;
  private static final int EPOCHS = 20;
  private static final int ROLLOUTS = 8;
  private static final int PART = 512;
  private static final int ROUNDS = 60;
  private static final int WARM = 20;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Random random = new Random(1);
  private final String run;

  private FreshScores(int port) {
    this.run = "http://127.0.0.1:" + port + "/api/v1/runs/fresh";
  }

  public static void main() throws Exception {
    Path data = Files.createTempDirectory("lim-bench");
    try (ConfigurableApplicationContext service =
        new SpringApplicationBuilder(LimServer.class)
            .run("--server.port=0", "--lim.data-dir=" + data, "--logging.level.root=warn")) {
      int port = service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      new FreshScores(port).measure();
    } finally {
      FileSystemUtils.deleteRecursively(data);
    }
  }

  private void measure() throws IOException, InterruptedException {
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      send("POST", "/epochs/" + epoch + "/rewards", body(0, SAMPLES));
    }
    double[] writes = new double[ROUNDS - WARM];
    double[] reads = new double[ROUNDS - WARM];
    for (int round = 0; round < ROUNDS; round++) {
      String body = body(round * PART, PART);
      long begin = System.nanoTime();
      send("PUT", "/epochs/" + (EPOCHS + 1) + "/batches/part-" + round, body);
      long written = System.nanoTime();
      send("GET", "/scores?missing=observed&limit=100&through=" + (EPOCHS + 1), "");
      long read = System.nanoTime();
      if (round >= WARM) {
        writes[round - WARM] = (written - begin) / 1e6;
        reads[round - WARM] = (read - written) / 1e6;
      }
    }
    System.out.printf(
        "%n| %,d x %d over HTTP | p50 ms | p95 ms |%n|---|---:|---:|%n", SAMPLES, EPOCHS);
    print(PART * ROLLOUTS + " rewards, durable", writes);
    print("then the best 100 with them", reads);
  }

  private static void print(String what, double[] times) {
    Arrays.sort(times);
    System.out.printf(
        "| %s | %.1f | %.1f |%n", what, times[times.length / 2], times[times.length * 95 / 100]);
  }

  private String body(int from, int samples) {
    StringJoiner rewards = new StringJoiner(",", "{\"rewards\":[", "]}");
    for (int i = from; i < from + samples; i++) {
      StringJoiner values = new StringJoiner(",", "[", "]");
      for (int rollout = 0; rollout < ROLLOUTS; rollout++) {
        values.add(random.nextBoolean() ? "1" : "0");
      }
      rewards.add("{\"sample\":\"s" + i + "\",\"values\":" + values + "}");
    }
    return rewards.toString();
  }

  private void send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(run + path))
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
    }
  }
}
