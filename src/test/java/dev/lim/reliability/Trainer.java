package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A training job of many writers that put batches into one run, each again and again until it is
 * acknowledged, through whatever happens to the service; and what the service must then hold. Batch
 * {@code n} is part {@code n % 8} of epoch {@code n / 8 + 1}, with the 32 samples of that part.
 */
final class Trainer implements AutoCloseable {

  private static final int PARTS = 8;
  private static final int SAMPLES = 32;
  private static final int ROLLOUTS = 4;
  private static final float[] REWARDS = {1, -0.5f, -1, 0};
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final IntSupplier port;
  private final String run;
  private final AtomicLong next = new AtomicLong();
  private final BitSet acknowledged = new BitSet();
  private final AtomicLong revision = new AtomicLong();
  private final Queue<Integer> toldToWait = new ConcurrentLinkedQueue<>();
  private final Queue<String> strange = new ConcurrentLinkedQueue<>();
  private final List<Thread> writers = new ArrayList<>();
  private volatile boolean ending;

  /**
   * @param port of the service, or of one of them, asked before each request
   */
  Trainer(String run, IntSupplier port) {
    this.run = run;
    this.port = port;
  }

  void begin(int count) {
    for (int i = 0; i < count; i++) {
      writers.add(Thread.ofVirtual().start(this::write));
    }
  }

  /** Each writer delivers what it has begun. */
  void end() throws InterruptedException {
    ending = true;
    for (Thread writer : writers) {
      assertThat(writer.join(Duration.ofMinutes(1))).as("what was begun is delivered").isTrue();
    }
    writers.clear();
    ending = false;
  }

  @Override
  public void close() {
    ending = true;
    writers.forEach(Thread::interrupt);
    client.shutdownNow();
  }

  private void write() {
    while (!ending) {
      deliver(next.getAndIncrement());
    }
  }

  private void deliver(long n) {
    for (boolean sentBefore = false; !Thread.interrupted(); ) {
      HttpResponse<String> answer;
      try {
        answer = put(n);
      } catch (IOException e) {
        sentBefore = true;
        LockSupport.parkNanos(20_000_000);
        continue;
      } catch (InterruptedException e) {
        return;
      }
      if (mayCome(answer)) {
        toldToWait.add(answer.statusCode());
        LockSupport.parkNanos(50_000_000);
        sentBefore |= answer.statusCode() == 503;
      } else if (answer.statusCode() / 100 == 2) {
        acknowledge(n, JSON.readTree(answer.body()), sentBefore);
        return;
      } else {
        strange.add(n + ": " + answer.statusCode() + " " + answer.headers() + answer.body());
        return;
      }
    }
  }

  /** Told to wait, and for how long. */
  private static boolean mayCome(HttpResponse<String> answer) {
    return (answer.statusCode() == 503 || answer.statusCode() == 429)
        && answer.headers().firstValue("Retry-After").isPresent()
        && answer
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("application/problem+json");
  }

  private void acknowledge(long n, JsonNode written, boolean sentBefore) {
    String outcome = written.get("outcome").stringValue();
    if (!outcome.equals("added") && !(sentBefore && outcome.equals("unchanged"))) {
      strange.add(n + ": " + written);
    }
    synchronized (acknowledged) {
      acknowledged.set((int) n);
    }
    revision.accumulateAndGet(written.get("revision").asLong(), Math::max);
  }

  HttpResponse<String> put(long n) throws IOException, InterruptedException {
    return send("PUT", "/epochs/" + epoch(n) + "/batches/part-" + part(n), body(n));
  }

  HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port.getAsInt() + "/api/v1/runs/" + run + path);
    return client.send(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(60))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build(),
        BodyHandlers.ofString());
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = send("GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  int acknowledged() {
    synchronized (acknowledged) {
      return acknowledged.cardinality();
    }
  }

  /** The largest revision that was answered. */
  long revision() {
    return revision.get();
  }

  /** Whether a writer got 429 or 503, as said. */
  boolean wasTold(int status) {
    return toldToWait.contains(status);
  }

  void forgetWhatWasTold() {
    toldToWait.clear();
  }

  void awaitMore(int batches, Duration within) {
    int before = acknowledged();
    await().atMost(within).until(() -> acknowledged() >= before + batches || !strange.isEmpty());
    requireNothingStrange();
  }

  void requireNothingStrange() {
    assertThat(strange).as("answers that a trainer must not get").isEmpty();
  }

  /** What was acknowledged is in force, each once, and nothing has ended. */
  void requireAcknowledgedIn(Connection database) throws SQLException {
    requireNothingStrange();
    BitSet wanted;
    synchronized (acknowledged) {
      wanted = (BitSet) acknowledged.clone();
    }
    BitSet found = new BitSet();
    int rows = 0;
    try (PreparedStatement query =
        database.prepareStatement(
            "select epoch, batch, ended_at, rollouts from reward_batch where run = ?")) {
      query.setString(1, run);
      try (ResultSet row = query.executeQuery()) {
        for (; row.next(); rows++) {
          found.set((row.getInt(1) - 1) * PARTS + Integer.parseInt(row.getString(2).substring(5)));
          assertThat(row.getObject(3)).as("nothing was replaced").isNull();
          assertThat(row.getInt(4)).isEqualTo(SAMPLES * ROLLOUTS);
        }
      }
    }
    assertThat(rows).as("no batch is there twice").isEqualTo(found.cardinality());
    wanted.andNot(found);
    assertThat(wanted).as("acknowledged batches that were lost").isEqualTo(new BitSet());
  }

  /** The service counts and scores exactly what was acknowledged; to be asked after the end. */
  void requireServed() throws IOException, InterruptedException {
    requireNothingStrange();
    Map<Integer, Integer> batches =
        acknowledged.stream()
            .boxed()
            .collect(Collectors.toMap(n -> epoch(n), _ -> 1, Integer::sum, TreeMap::new));
    Map<Integer, Integer> counted = new TreeMap<>();
    for (JsonNode epoch : get("").get("epochs")) {
      counted.put(epoch.get("epoch").asInt(), epoch.get("batches").asInt());
      assertThat(epoch.get("rollouts").asInt())
          .isEqualTo(epoch.get("batches").asInt() * SAMPLES * ROLLOUTS);
    }
    assertThat(counted).isEqualTo(batches);
    Map<String, Double> wanted = scores();
    JsonNode items =
        get("/subset?fraction=1&missing=observed&through=" + epoch(acknowledged.length() - 1))
            .get("items");
    assertThat(items).hasSize(wanted.size());
    for (JsonNode item : items) {
      double score = wanted.get(item.get("sample").stringValue());
      assertThat(item.get("score").asDouble())
          .isCloseTo(score, within(1e-6 * Math.max(1, Math.abs(score))));
    }
  }

  private static int epoch(long n) {
    return (int) (n / PARTS) + 1;
  }

  private static int part(long n) {
    return (int) (n % PARTS);
  }

  private static float reward(long n, int sample, int rollout) {
    long mixed = (n * SAMPLES * ROLLOUTS + sample * ROLLOUTS + rollout) * 0x9e3779b97f4a7c15L;
    return REWARDS[(int) (mixed >>> 62)];
  }

  static String body(long n) {
    StringBuilder json = new StringBuilder("{\"step\":" + (n + 1) + ",\"rewards\":[");
    for (int i = 0; i < SAMPLES; i++) {
      json.append(i == 0 ? "" : ",").append("{\"sample\":").append(part(n) * SAMPLES + i);
      json.append(",\"values\":[");
      for (int j = 0; j < ROLLOUTS; j++) {
        json.append(j == 0 ? "" : ",").append(reward(n, i, j));
      }
      json.append("]}");
    }
    return json.append("]}").toString();
  }

  /** LIM under {@code missing=observed}, R = 1, by the formula alone. */
  private Map<String, Double> scores() {
    int epochs = epoch(acknowledged.length() - 1);
    double[][] rewards = new double[PARTS * SAMPLES][epochs + 1];
    boolean[][] observed = new boolean[PARTS * SAMPLES][epochs + 1];
    double[] sums = new double[epochs + 1];
    int[] counts = new int[epochs + 1];
    acknowledged.stream()
        .forEach(n -> {
          for (int i = 0; i < SAMPLES; i++) {
            double sum = 0;
            for (int j = 0; j < ROLLOUTS; j++) {
              sum += reward(n, i, j);
            }
            int sample = part(n) * SAMPLES + i;
            rewards[sample][epoch(n)] = sum / ROLLOUTS;
            observed[sample][epoch(n)] = true;
            sums[epoch(n)] += sum / ROLLOUTS;
            counts[epoch(n)]++;
          }
        });
    Map<String, Double> scores = new HashMap<>();
    for (int sample = 0; sample < rewards.length; sample++) {
      double above = 0;
      double below = 0;
      for (int k = 1; k <= epochs; k++) {
        if (observed[sample][k]) {
          double average = sums[k] / counts[k];
          above += (rewards[sample][k] - average) * (rewards[sample][k] - average);
          below += (1 - average) * (1 - average);
        }
      }
      if (below > 0) {
        scores.put(Integer.toString(sample), 1 - above / below);
      }
    }
    return scores;
  }
}
