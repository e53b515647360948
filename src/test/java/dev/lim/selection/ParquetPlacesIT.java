package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.LimServer;
import dev.lim.Seed;
import dev.lim.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Few Parquet files are written at one time; others wait for a while. */
class ParquetPlacesIT {

  private final String run = "places-" + UUID.randomUUID();
  private final String parquet = "/runs/" + run + "/subset?fraction=1&format=parquet";

  @Test
  void manyAtOnceAreServedOneAfterAnother() throws Exception {
    try (ConfigurableApplicationContext service = start("--lim.parquet.at-once=2");
        ExecutorService clients = Executors.newFixedThreadPool(8)) {
      Http http = new Http(port(service));
      fill(http, 20, 1_000);
      byte[] alone = http.get(parquet).bytes();
      List<Callable<Answer>> downloads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        downloads.add(() -> http.get(parquet));
      }
      for (Future<Answer> download : clients.invokeAll(downloads)) {
        assertThat(download.get().bytes()).isEqualTo(alone);
      }
    }
  }

  @Test
  void whoFindsNoPlaceIsToldToComeBack() throws Exception {
    try (ConfigurableApplicationContext service =
            start("--lim.parquet.at-once=1", "--lim.parquet.longest-wait=1ms");
        HttpClient slow = HttpClient.newHttpClient()) {
      Http http = new Http(port(service));
      // More than fits the buffers between a writer and a reader that does not read.
      fill(http, 40, 1 << 20);
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port(service) + "/api/v1" + parquet))
              .build();
      HttpResponse<InputStream> first = slow.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = first.body()) {
        assertThat(body.readNBytes(4)).isEqualTo("PAR1".getBytes(StandardCharsets.US_ASCII));
        HttpResponse<String> refused = slow.send(request, BodyHandlers.ofString());
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("30");
        assertThat(refused.headers().firstValue("Content-Type").orElse(""))
            .startsWith("application/problem+json");
        assertThat(refused.headers().firstValue("ETag")).isEmpty();
        assertThat(refused.body()).contains("urn:lim:problem:overloaded");
        // Other formats need no place.
        assertThat(http.get("/runs/" + run + "/subset?fraction=1&format=ids").json()).hasSize(40);
        byte[] rest = body.readAllBytes();
        assertThat(new String(rest, rest.length - 4, 4, StandardCharsets.US_ASCII))
            .isEqualTo("PAR1");
        byte[] again = http.get(parquet).bytes();
        assertThat(again).hasSize(4 + rest.length);
      }
    }
  }

  private static ConfigurableApplicationContext start(String... settings) {
    TestDatabase database = TestDatabase.shared();
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("--server.port=0");
    all.add("--spring.main.banner-mode=off");
    all.add("--spring.datasource.url=" + database.url());
    all.add("--spring.datasource.username=" + database.user());
    all.add("--spring.datasource.password=" + database.password());
    return new SpringApplicationBuilder(LimServer.class).run(all.toArray(String[]::new));
  }

  private static int port(ConfigurableApplicationContext service) {
    return service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** Records that gzip cannot make small. */
  private void fill(Http http, int samples, int bytes) throws IOException {
    Random random = new Random(Seed.of(getClass()));
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < samples; i++) {
      byte[] text = new byte[bytes * 3 / 4];
      random.nextBytes(text);
      records.append("{\"id\":\"s").append(i).append("\",\"text\":\"");
      records.append(Base64.getEncoder().encodeToString(text)).append("\"}\n");
    }
    byte[] lines = records.toString().getBytes(StandardCharsets.UTF_8);
    assertThat(
            http.stream(
                    "PUT", "/datasets/" + run + "/samples", () -> new ByteArrayInputStream(lines))
                .status())
        .isEqualTo(200);
    http.post(
        "/runs/" + run + "/epochs/1/rewards",
        IntStream.range(0, samples)
            .mapToObj(i -> "{\"sample\":\"s%d\",\"values\":[%d,0]}".formatted(i, i % 2))
            .collect(Collectors.joining(",", "{\"rewards\":[", "]}")));
  }
}
