package dev.lim.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.web.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service with a heap of 512 MiB, which an OutOfMemoryError would end, outlives large bodies,
 * alone and many at once: each is answered, and afterwards it takes rewards and gives scores.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileMemoryIT {

  private static final int MEBI = 1 << 20;
  private static final Set<Integer> REFUSED = Set.of(400, 413, 422, 429, 503);
  private static final Set<Integer> ANSWERED = Set.of(200, 201, 400, 413, 422, 429, 503);

  private final AtomicInteger number = new AtomicInteger();
  private @Nullable ServiceProcess started;

  @BeforeAll
  void start() throws Exception {
    started = new ServiceProcess("512m");
  }

  @AfterAll
  void stop() throws Exception {
    service().close();
  }

  private ServiceProcess service() {
    return Objects.requireNonNull(started);
  }

  @AfterEach
  void itServesOn() throws IOException {
    assertThat(service().isAlive()).as(service().faults()).isTrue();
    assertThat(service().faults()).isEmpty();
    String run = "/runs/after-" + number.incrementAndGet();
    byte[] rewards = "{\"rewards\":[{\"sample\":\"a\",\"values\":[1]}]}".getBytes(UTF_8);
    assertThat(exchange(json("POST", run + "/epochs/1/rewards", rewards)).status()).isEqualTo(201);
    Answer scores = exchange(HostileRequest.of("", "GET", run + "/scores"));
    assertThat(scores.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 32})
  void bombsThatAreRefusedEarly(int atOnce) throws Exception {
    String batch = "{\"rewards\":[{\"sample\":";
    List<HostileRequest> bombs =
        List.of(
            zipped("PUT", batches(), bomb(batch + "\"", "x", 512)),
            zipped("PUT", batches(), bomb(batch, "1", 512)),
            zipped("PUT", batches(), bomb(batch + "\"a\",\"values\":[", "9", 512)),
            zipped("PUT", batches(), bomb(batch + "\"a\",\"values\":[0.", "9", 512)),
            zipped("PUT", batches(), bomb("", "[", 512)),
            zipped("PUT", batches(), bomb("", "{\"a\":", 512)),
            zipped("PUT", batches(), bomb("{\"", "n", 512)),
            zipped("PUT", "/runs/bomb", bomb("{\"dataset\":\"", "x", 512)),
            lines("POST", "/runs/bomb/rewards", bomb("{\"epoch\":1,\"batch\":\"", "x", 512)));
    List<HostileRequest> all = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      all.add(bombs.get(i % bombs.size()));
    }
    allAre(REFUSED, atOnce == 1 ? bombs : all, atOnce);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void bombsThatAreReadToALimit(int atOnce) throws Exception {
    List<HostileRequest> bombs =
        List.of(
            zipped("PUT", batches(), bomb("", " ", 300)),
            zipped("PUT", batches(), bomb("{\"a\":\"", "x", 300)),
            zipped("PUT", batches(), bomb("{\"a\":[0", ",0", 300)),
            zipped("PUT", batches(), bomb("{\"\":0", ",\"\":0", 300)),
            zipped("PUT", batches(), bomb("{\"rewards\":[0", ",0", 300)),
            zipped("PUT", batches(), bomb("{\"rewards\":[{}", ",{}", 300)),
            lines("POST", "/runs/bomb/rewards", bomb("", " ", 100)),
            lines("POST", "/runs/bomb/rewards", bomb("{\"epoch\":", " ", 100)),
            lines("PUT", "/datasets/bomb/samples", bomb("{\"id\":\"", "x", 100)),
            lines("PUT", "/datasets/bomb/samples", bomb("{\"x\":\"", "x", 100)),
            lines("PUT", "/datasets/bomb/samples", bomb("{\"x\":[0", ",0", 100)));
    allAre(REFUSED, bombs, atOnce);
  }

  @Test
  void plainBodiesOfMinimalTokens() throws Exception {
    byte[] tokens = new byte[64 * MEBI];
    byte[] begin = "{\"rewards\":[".getBytes(UTF_8);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (byte) (i < begin.length ? begin[i] : (i & 1) == 0 ? '1' : ',');
    }
    HostileRequest request = json("PUT", batches(), tokens);
    allAre(REFUSED, List.of(request, request, request, request), 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void batchesAtTheLimits(int atOnce) throws Exception {
    List<HostileRequest> large = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      large.add(zipped("PUT", batches(), rollouts(4_096, 4_096)));
    }
    large.add(zipped("PUT", batches(), newSamples(1_000_000, 190)));
    large.add(zipped("PUT", batches(), newSamples(500_000, 20)));
    List<Integer> statuses = allAre(ANSWERED, large, atOnce);
    assertThat(statuses).as("16,777,216 rollouts fit").containsAnyOf(200, 201);
  }

  @Test
  void recordsOfTheLongestLine() throws Exception {
    List<HostileRequest> records = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] record =
          bomb("{\"id\":\"" + i + "\",\"t\":\"", "x", 64, -100, "\"}\n{\"id\":\"b\"}\n");
      records.add(lines("PUT", "/datasets/large/samples", record));
    }
    assertThat(allAre(ANSWERED, records, 4)).containsOnly(200);
  }

  @Test
  void manyConnectionsWithHalfABody() throws Exception {
    byte[] begin = "{\"rewards\":[{\"sample\":\"a\",\"values\":[1".getBytes(UTF_8);
    List<RawConnection> open = new ArrayList<>();
    try {
      for (int i = 0; i < 900; i++) {
        HostileRequest request =
            switch (i % 3) {
              case 0 -> json("PUT", batches(), begin);
              case 1 -> zipped("PUT", batches(), HostileRequest.gzip(begin));
              default -> lines("POST", "/runs/half/rewards", HostileRequest.gzip(begin));
            };
        byte[] wire = request.wire();
        RawConnection connection = new RawConnection(service().port());
        open.add(connection);
        connection.send(wire, 0, wire.length - 5);
      }
      itServesOn();
    } finally {
      for (RawConnection connection : open) {
        connection.close();
      }
    }
  }

  @Test
  void aLargeBodyThatIsRefusedEarlyIsReadSoThatTheClientHearsOfIt() throws Exception {
    byte[] body = new byte[60 * MEBI];
    Arrays.fill(body, (byte) ' ');
    body[0] = 'x';
    HostileRequest lines = HostileRequest.of("", "POST", "/runs/early/rewards").ndjson("");
    for (HostileRequest request :
        List.of(
            json("PUT", batches(), body),
            json("PUT", "/runs/x/epochs/0/batches/x", body),
            lines.bytes(body))) {
      assertThat(exchange(request).status()).isEqualTo(400);
    }
    try (RawConnection connection = new RawConnection(service().port())) {
      connection.send(HostileRequest.of("", "PUT", batches()).type("a/b").bytes(body).wire());
      assertThat(connection.read(false).status()).isEqualTo(415);
      connection.send(HostileRequest.of("", "GET", "/limits").wire());
      assertThat(connection.read(false).status()).isEqualTo(200);
    }
  }

  private String batches() {
    return "/runs/bomb/epochs/1/batches/b" + number.incrementAndGet();
  }

  private List<Integer> allAre(Set<Integer> statuses, List<HostileRequest> requests, int atOnce)
      throws Exception {
    List<Integer> found = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (HostileRequest request : requests) {
        answers.add(threads.submit(() -> exchange(request)));
      }
      for (Future<Answer> answer : answers) {
        found.add(answer.get().status());
        assertThat(answer.get().status()).as(answer.get().text()).isIn(statuses);
      }
    }
    return found;
  }

  private Answer exchange(HostileRequest request) throws IOException {
    try (RawConnection connection = new RawConnection(service().port())) {
      return connection.send(request.wire()).read(false);
    }
  }

  private static HostileRequest json(String method, String path, byte[] body) {
    return HostileRequest.of("", method, path).type("application/json").bytes(body);
  }

  private static HostileRequest zipped(String method, String path, byte[] zipped) {
    return json(method, path, zipped).header("Content-Encoding: gzip");
  }

  private static HostileRequest lines(String method, String path, byte[] zipped) {
    return HostileRequest.of("", method, path)
        .type("application/x-ndjson")
        .header("Content-Encoding: gzip")
        .bytes(zipped);
  }

  private static byte[] bomb(String begin, String again, int mebibytes) throws IOException {
    return bomb(begin, again, mebibytes, 0, "");
  }

  private static byte[] bomb(String begin, String again, int mebibytes, int bytes, String end)
      throws IOException {
    byte[] portion = again.repeat(MEBI / again.length()).getBytes(UTF_8);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = gzip(zipped)) {
      out.write(begin.getBytes(UTF_8));
      for (int i = 1; i < mebibytes; i++) {
        out.write(portion);
      }
      out.write(portion, 0, portion.length + bytes);
      out.write(end.getBytes(UTF_8));
    }
    return zipped.toByteArray();
  }

  /** More distinct rewards than a dictionary holds, about 12 bytes each. */
  private static byte[] rollouts(int samples, int each) throws IOException {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < each; i++) {
      values.append(i == 0 ? "" : ",").append("0.12345").append(10_000 + i % 999);
    }
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = gzip(zipped)) {
      out.write("{\"rewards\":[".getBytes(UTF_8));
      byte[] all = values.toString().getBytes(UTF_8);
      // descending, so that they are sorted
      for (int i = samples; i > 0; i--) {
        String sample = (i == samples ? "" : ",") + "{\"sample\":" + i + ",\"values\":[";
        out.write(sample.getBytes(UTF_8));
        out.write(all);
        out.write("]}".getBytes(UTF_8));
      }
      out.write("]}".getBytes(UTF_8));
    }
    return zipped.toByteArray();
  }

  private static byte[] newSamples(int samples, int length) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    String stem = "x".repeat(length - 7);
    try (OutputStream out = gzip(zipped)) {
      out.write("{\"rewards\":[".getBytes(UTF_8));
      for (int i = 0; i < samples; i++) {
        String id = stem + (1_000_000 + i);
        String sample = (i == 0 ? "" : ",") + "{\"sample\":\"" + id + "\",\"values\":[1]}";
        out.write(sample.getBytes(UTF_8));
      }
      out.write("]}".getBytes(UTF_8));
    }
    return zipped.toByteArray();
  }

  private static OutputStream gzip(OutputStream to) throws IOException {
    return new GZIPOutputStream(to, 1 << 16) {
      {
        def.setLevel(Deflater.BEST_SPEED);
      }
    };
  }
}
