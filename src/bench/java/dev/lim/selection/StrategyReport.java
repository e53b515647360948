package dev.lim.selection;

import dev.lim.LimServer;
import dev.lim.run.Runs;
import dev.lim.scoring.MissingRule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * How long every strategy takes to score a large run, from nothing and after one more epoch, beside
 * {@code lim}; and how long draws take. Starts a service of its own in a temporary folder, and
 * sends it the run. Times are the best of several, without the ranking, which is the same for all.
 *
 * <p>The argument is the number of samples and epochs, as in {@code 1000000x20}.
 */
public final class StrategyReport {

  private static final int ROLLOUTS = 4;
  private static final int REPEATS = 7;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private StrategyReport() {}

  public static void main(String[] args) throws Exception {
    String[] size = (args.length > 0 && args[0].contains("x") ? args[0] : "1000000x20").split("x");
    int samples = Integer.parseInt(size[0]);
    int epochs = Integer.parseInt(size[1]);
    Path folder = Files.createTempDirectory("strategy-report");
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(LimServer.class)
            .run("--server.port=0", "--lim.data-dir=" + folder.resolve("data"))) {
      String port = context.getEnvironment().getRequiredProperty("local.server.port");
      for (int epoch = 1; epoch <= epochs; epoch++) {
        send(port, epoch, body(samples, epochs, epoch));
      }
      Scorings scorings = context.getBean(Scorings.class);
      Strategies strategies = context.getBean(Strategies.class);
      Runs runs = context.getBean(Runs.class);
      System.out.printf(
          "%n%d samples x %d epochs; milliseconds, and times of lim%n", samples, epochs);
      for (MissingRule missing : List.of(MissingRule.BACKFILL, MissingRule.OBSERVED)) {
        ScoringParameters parameters =
            new ScoringParameters(
                "lim", new OwnParameters(Map.of()), null, null, null, missing, 1, null, null);
        Chosen chosen = scorings.score(runs.get("large"), parameters).chosen();
        warmUp(chosen, strategies);
        print(missing, chosen, strategies);
      }
      draws(port, scorings, runs, strategies);
    }
  }

  /** So that whichever strategy is first is not the one that waits for the compiler. */
  private static void warmUp(Chosen chosen, Strategies strategies) {
    for (Strategy.Description description : strategies.descriptions()) {
      Strategy strategy = strategies.get(description.strategy());
      OwnParameters own = OwnParameters.defaults(description.parameters());
      best(() -> strategy.score(chosen, own, null));
    }
  }

  private static void print(MissingRule missing, Chosen chosen, Strategies strategies) {
    Map<String, double[]> millis = new TreeMap<>();
    for (Strategy.Description description : strategies.descriptions()) {
      Strategy strategy = strategies.get(description.strategy());
      OwnParameters own = OwnParameters.defaults(description.parameters());
      Chosen before = chosen.first(chosen.epochs().size() - 1);
      Strategy.Scores known = strategy.score(before, own, null);
      millis.put(
          strategy.name(),
          new double[] {
            best(() -> strategy.score(chosen, own, null)),
            best(() -> strategy.score(chosen, own, known))
          });
    }
    double[] lim = Objects.requireNonNull(millis.get("lim"));
    System.out.printf(
        "%n`missing=%s`%n%n| strategy | from nothing | | one more epoch |"
            + " |%n|---|---:|---:|---:|---:|%n",
        missing.code());
    millis.forEach((name, times) ->
        System.out.printf(
            "| `%s` | %.1f | %.1f | %.1f | %.1f |%n",
            name, times[0], times[0] / lim[0], times[1], times[1] / lim[1]));
  }

  /** A thousand samples, from scores that are there. */
  private static void draws(String port, Scorings scorings, Runs runs, Strategies strategies)
      throws IOException, InterruptedException {
    System.out.printf("%ndraws of 1,000; milliseconds%n%n");
    System.out.println("| strategy | replacement | draw | `POST /draws`, new seed |");
    System.out.println("|---|---|---:|---:|");
    for (String strategy : List.of("pools", "mopps", "plr")) {
      OwnParameters own =
          OwnParameters.defaults(strategies.get(strategy).description().parameters());
      Scored scored =
          scorings.score(
              runs.get("large"),
              new ScoringParameters(
                  strategy, own, null, null, null, MissingRule.OBSERVED, 1, null, null));
      for (boolean replacement : new boolean[] {false, true}) {
        double draw = Double.MAX_VALUE;
        double call = Double.MAX_VALUE;
        for (int seed = 1; seed <= REPEATS; seed++) {
          long start = System.nanoTime();
          Draw.of(scored, new BitSet(), 1000, replacement, seed);
          draw = Math.min(draw, (System.nanoTime() - start) / 1e6);
          start = System.nanoTime();
          draw(port, strategy, replacement, seed);
          call = Math.min(call, (System.nanoTime() - start) / 1e6);
        }
        System.out.printf("| `%s` | %s | %.1f | %.1f |%n", strategy, replacement, draw, call);
      }
    }
  }

  private static void draw(String port, String strategy, boolean replacement, int seed)
      throws IOException, InterruptedException {
    String body =
        "{\"size\": 1000, \"strategy\": \"%s\", \"missing\": \"observed\", \"seed\": %d, \"replacement\": %s}"
            .formatted(strategy, seed, replacement);
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%s/api/v1/runs/large/draws".formatted(port)))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(answer.body());
    }
  }

  private static double best(Supplier<Strategy.Scores> work) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < REPEATS; i++) {
      long start = System.nanoTime();
      work.get();
      best = Math.min(best, (System.nanoTime() - start) / 1e6);
    }
    return best;
  }

  private static byte[] body(int samples, int epochs, int epoch) throws IOException {
    SplittableRandom random = new SplittableRandom(epoch);
    ByteArrayOutputStream body = new ByteArrayOutputStream(48 * samples);
    body.write("{\"rewards\":[".getBytes(StandardCharsets.UTF_8));
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < samples; i++) {
      line.setLength(0);
      line.append(i == 0 ? "" : ",").append("{\"sample\":\"s").append(i).append("\",\"values\":[");
      double rate = (i % 101 / 100.0 + (double) epoch / epochs) / 2;
      for (int k = 0; k < ROLLOUTS; k++) {
        line.append(k == 0 ? "" : ",").append(random.nextDouble() < rate ? '1' : '0');
      }
      body.write(line.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    }
    body.write("]}".getBytes(StandardCharsets.UTF_8));
    return body.toByteArray();
  }

  private static void send(String port, int epoch, byte[] body)
      throws IOException, InterruptedException {
    String path = "http://127.0.0.1:%s/api/v1/runs/large/epochs/%d/rewards".formatted(port, epoch);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new IOException(answer.body());
    }
  }
}
