package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.TestDatabase;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * While a run's writer does not get on and its queue is full: a request is told to come again, and
 * a stream is read no further, which slows its sender; it is not refused.
 */
@IntegrationTest
class BackpressureIT {

  /** More than wait in a run's queue and with its writer. */
  private static final int TOO_MANY = 700;

  /** What lies between the sender of a stream and the writer, with much to spare. */
  private static final long MOST_ON_THE_WAY = 64L << 20;

  private static final String RUN = "/runs/backpressure";

  @LocalServerPort int port;

  @Test
  void requestsAreToldToComeAgainAndStreamsAreSlowed() throws Exception {
    Http http = new Http(port);
    http.put(RUN + "/epochs/1/batches/first", rewards());
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>();
    Lines lines = new Lines();
    CompletableFuture<HttpResponse<String>> stream;
    try (Connection holder = TestDatabase.shared().connect();
        Statement hold = holder.createStatement()) {
      holder.setAutoCommit(false);
      hold.executeQuery("select from run where run = 'backpressure' for update");
      for (int i = 0; i < TOO_MANY; i++) {
        requests.add(
            client.sendAsync(
                request(RUN + "/epochs/1/batches/b-" + i, Http.JSON)
                    .PUT(BodyPublishers.ofString(rewards()))
                    .build(),
                BodyHandlers.ofString()));
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> requests.stream().filter(CompletableFuture::isDone).count() > 10);
      stream =
          client.sendAsync(
              request(RUN + "/rewards", Http.NDJSON)
                  .POST(BodyPublishers.ofInputStream(() -> new SequenceInputStream(lines)))
                  .build(),
              BodyHandlers.ofString());
      AtomicLong before = new AtomicLong(-1);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofSeconds(1))
          .until(() ->
              lines.bytes.get() > 0 && before.getAndSet(lines.bytes.get()) == lines.bytes.get());
      assertThat(lines.bytes.get()).isLessThan(MOST_ON_THE_WAY);
      assertThat(stream).isNotDone();
      lines.end.set(true);
    }
    assertThat(stream.join().statusCode()).as(stream.join().body()).isEqualTo(200);
    assertThat(stream.join().body()).contains("\"added\":" + lines.count.get());
    int added = 0;
    for (CompletableFuture<HttpResponse<String>> request : requests) {
      HttpResponse<String> answer = request.join();
      assertThat(answer.statusCode()).as(answer.body()).isIn(201, 429);
      if (answer.statusCode() == 201) {
        added++;
      } else {
        assertThat(answer.headers().firstValueAsLong("Retry-After")).isPresent();
      }
    }
    assertThat(added).isBetween(1, TOO_MANY - 1);
    JsonNode epochs = http.get(RUN).json().get("epochs");
    assertThat(epochs.get(0).get("batches").intValue()).isEqualTo(1 + added);
    assertThat(epochs.get(1).get("batches").intValue()).isEqualTo((int) lines.count.get());
  }

  private HttpRequest.Builder request(String path, String type) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1" + path))
        .timeout(Duration.ofMinutes(2))
        .header("Content-Type", type);
  }

  private static String rewards() {
    return "{\"rewards\": [{\"sample\": \"s-1\", \"values\": [1, 0]}]}";
  }

  /** Batches without end, until they are to end. */
  private static final class Lines implements Enumeration<InputStream> {

    private final String samples =
        IntStream.range(0, 1000)
            .mapToObj(i -> "{\"sample\": \"s-%d\", \"values\": [1, 0, 0.5, 0.25]}".formatted(i))
            .collect(Collectors.joining(","));
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean end = new AtomicBoolean();

    @Override
    public boolean hasMoreElements() {
      return !end.get();
    }

    @Override
    public InputStream nextElement() {
      String line =
          "{\"epoch\": 2, \"batch\": \"line-%d\", \"rewards\": [%s]}\n"
              .formatted(count.incrementAndGet(), samples);
      bytes.addAndGet(line.length());
      return new java.io.ByteArrayInputStream(line.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
