package dev.lim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of a started service, as a user writes one. Thread-safe. */
public final class Http {

  public static final String JSON = "application/json";
  public static final String NDJSON = "application/x-ndjson";

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String api;

  public Http(int port) {
    api = "http://127.0.0.1:" + port + "/api/v1";
  }

  /** What the service said. */
  public record Answer(int status, byte[] bytes, String etag) {

    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      return MAPPER.readTree(bytes);
    }

    /** The last word of a problem's type. */
    public String problem() {
      return json().get("type").stringValue().replace("urn:lim:problem:", "");
    }
  }

  /** Sends a request; {@code headers} are names and values in turn. */
  public Answer send(
      String method, String path, BodyPublisher body, String contentType, String... headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(api + path))
            .timeout(Duration.ofMinutes(2))
            .method(method, body)
            .header("Content-Type", contentType);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<byte[]> response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(
          response.statusCode(), response.body(), response.headers().firstValue("ETag").orElse(""));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** A value as JSON. */
  public static String json(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** A value as it stands in a query. */
  public static String query(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** Any answer to a JSON body. */
  public Answer exchange(String method, String path, String body, String... headers) {
    try {
      return send(method, path, BodyPublishers.ofString(body), JSON, headers);
    } catch (IOException e) {
      throw new AssertionError(method + " " + path, e);
    }
  }

  public Answer get(String path) {
    return succeeded("GET " + path, exchange("GET", path, ""));
  }

  public Answer put(String path, String body) {
    return succeeded("PUT " + path, exchange("PUT", path, body));
  }

  public Answer post(String path, String body) {
    return succeeded("POST " + path, exchange("POST", path, body));
  }

  public Answer delete(String path) {
    return succeeded("DELETE " + path, exchange("DELETE", path, ""));
  }

  /** Streams NDJSON of a method, whatever the answer. */
  public Answer stream(
      String method, String path, Supplier<? extends InputStream> lines, String... headers)
      throws IOException {
    return send(method, path, BodyPublishers.ofInputStream(lines), NDJSON, headers);
  }

  /** All pages of a listing, as text; the query must be begun. */
  public String pages(String path) {
    StringBuilder pages = new StringBuilder();
    String cursor = "";
    do {
      Answer page = get(path + "&limit=1000" + cursor);
      pages.append(page.text()).append('\n');
      JsonNode next = page.json().get("next");
      cursor = next == null ? null : "&cursor=" + next.stringValue();
    } while (cursor != null);
    return pages.toString();
  }

  /** The items of all pages of a listing; the query must be begun. */
  public List<JsonNode> items(String path) {
    return pages(path)
        .lines()
        .flatMap(page -> MAPPER.readTree(page).get("items").valueStream())
        .toList();
  }

  private static Answer succeeded(String what, Answer answer) {
    assertThat(answer.status()).as("%s: %s", what, answer.text()).isBetween(200, 204);
    return answer;
  }
}
