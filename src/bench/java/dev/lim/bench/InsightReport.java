package dev.lim.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Times {@code /stability}, {@code /reproducibility} and {@code /compare} of a service that
 * listens, as a client sees them. A run that has no rewards gets some first: 0/1 rewards by curves
 * that rise. No two requests are the same, so that none is answered from what was kept.
 */
final class InsightReport {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Map<String, String> options = new HashMap<>();

  private InsightReport(String[] words) {
    options.putAll(
        Map.of(
            "url", "http://127.0.0.1:8080",
            "run", "insight",
            "samples", "1000000",
            "epochs", "20",
            "rollouts", "8",
            "top", "160000",
            "query", "missing=exclude",
            "replicates", "100",
            "times", "3"));
    Arrays.stream(words).map(word -> word.split("=", 2)).forEach(w -> options.put(w[0], w[1]));
  }

  public static void main(String... words) throws IOException, InterruptedException {
    new InsightReport(words).report();
  }

  private void report() throws IOException, InterruptedException {
    String run = "/runs/" + options.get("run");
    if (send("GET", run, new byte[0]).statusCode() == 404) {
      upload(run);
    }
    String query = "&" + options.get("query");
    time("scores", i -> run + "/scores?limit=1" + query);
    time("stability", i -> run + "/stability?top=" + top(i) + query);
    time(
        "reproducibility",
        i ->
            run
                + "/reproducibility?limit=1&top="
                + options.get("top")
                + "&replicates="
                + options.get("replicates")
                + "&seed="
                + System.nanoTime()
                + query);
    time(
        "compare",
        i ->
            run
                + "/compare/"
                + options.get("run")
                + "?otherStrategy=random&limit=1&top="
                + top(i)
                + query);
  }

  private int top(int i) {
    return number("top") - i;
  }

  private int number(String option) {
    return Integer.parseInt(options.get(option));
  }

  private interface Path {
    String of(int i);
  }

  private void time(String what, Path path) throws IOException, InterruptedException {
    StringBuilder line = new StringBuilder("%-16s".formatted(what));
    for (int i = 0; i < number("times"); i++) {
      long begin = System.nanoTime();
      HttpResponse<byte[]> answer = send("GET", path.of(i), new byte[0]);
      line.append(" %9.1f ms".formatted((System.nanoTime() - begin) / 1e6));
      if (answer.statusCode() != 200) {
        line.append(' ').append(new String(answer.body(), StandardCharsets.UTF_8));
        break;
      }
    }
    System.out.println(line);
  }

  private void upload(String run) throws IOException, InterruptedException {
    int samples = number("samples");
    double[] ease = new double[samples];
    double[] learning = new double[samples];
    SplittableRandom random = new SplittableRandom(1);
    for (int sample = 0; sample < samples; sample++) {
      ease[sample] = 6 * random.nextDouble() - 3.5;
      learning[sample] = 4 * random.nextDouble();
    }
    int epochs = number("epochs");
    for (int epoch = 1; epoch <= epochs; epoch++) {
      ByteArrayOutputStream body = new ByteArrayOutputStream(samples * 48);
      StringBuilder text = new StringBuilder("{\"rewards\":[");
      for (int sample = 0; sample < samples; sample++) {
        double chance = 1 / (1 + Math.exp(-ease[sample] - learning[sample] * epoch / epochs));
        text.append(sample == 0 ? "" : ",").append("{\"sample\":\"p").append(sample);
        text.append("\",\"values\":[");
        for (int rollout = 0; rollout < number("rollouts"); rollout++) {
          text.append(rollout == 0 ? "" : ",").append(random.nextDouble() < chance ? 1 : 0);
        }
        text.append("]}");
        if (text.length() > 1 << 16) {
          body.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
          text.setLength(0);
        }
      }
      body.writeBytes(text.append("]}").toString().getBytes(StandardCharsets.UTF_8));
      HttpResponse<byte[]> answer =
          send("POST", run + "/epochs/" + epoch + "/rewards", body.toByteArray());
      if (answer.statusCode() > 201) {
        throw new IOException(new String(answer.body(), StandardCharsets.UTF_8));
      }
    }
  }

  private HttpResponse<byte[]> send(String method, String path, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(options.get("url") + "/api/v1" + path))
            .timeout(Duration.ofMinutes(5))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofByteArray(body))
            .build();
    return CLIENT.send(request, BodyHandlers.ofByteArray());
  }
}
