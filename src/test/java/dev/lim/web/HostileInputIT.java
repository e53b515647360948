package dev.lim.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.IntegrationTest;
import dev.lim.web.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is wrong is answered with the problem that says so, never in HTML and never with a fault,
 * and changes nothing: after every request the lists of runs and datasets, and the runs that were
 * aimed at, are as they were.
 */
@IntegrationTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileInputIT {

  private static final String CONTENT = "invalid-content";
  private static final String BODY = "malformed-body";
  private static final String PARAMETER = "invalid-parameter";
  private static final String REQUEST = "malformed-request";
  private static final String MEDIA_TYPE = "unsupported-media-type";

  /** What epoch 4's batch x of the run holds: sent again, it changes nothing. */
  private static final String HELD =
      "\"step\":7,\"rewards\":[{\"sample\":\"a\",\"values\":[1,0]},{\"sample\":\"b\",\"values\":[0]}]";

  private static final String LINE = "{\"epoch\":4,\"batch\":\"x\"," + HELD + "}\n";
  private static final String GOOD = "{\"rewards\":[{\"sample\":\"a\",\"values\":[0.5]}]}";

  private static final String ATTEMPT = "Lim-Attempt";

  private static final JsonMapper JSON = new JsonMapper();

  @LocalServerPort private int port;

  private String before = "";

  private final String unique = UUID.randomUUID().toString().substring(0, 8);

  @BeforeAll
  void sendWhatMustNotChange() throws IOException {
    set("PUT", "/datasets/{data}/samples", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\"}\n");
    set("PUT", "/runs/{run}", "{\"dataset\":\"{data}\",\"tags\":{\"kept\":\"yes\"}}");
    for (int epoch = 1; epoch <= 3; epoch++) {
      String values = epoch == 1 ? "[0,0]" : "[0,1]";
      String body =
          "{\"rewards\":[{\"sample\":\"a\",\"values\":%s},{\"sample\":\"b\",\"values\":[1]}]}";
      set("POST", "/runs/{run}/epochs/" + epoch + "/rewards", body.formatted(values));
    }
    set("PUT", "/runs/{run}/epochs/4/batches/x", "{" + HELD + "}");
    set("PUT", "/runs/{closed}", "{\"dataset\":\"{data}\",\"closedDataset\":true}");
    set("PUT", "/runs/{finished}", "{\"dataset\":\"{data}\"}");
    set("PUT", "/runs/{finished}/epochs/1/batches/x", GOOD);
    set("POST", "/runs/{finished}/finish", "{}");
    set("PUT", "/runs/{deleted}", "{\"dataset\":\"{data}\"}");
    set("DELETE", "/runs/{deleted}", "{}");
    before = snapshot();
  }

  @AfterAll
  void nothingHasChanged() throws IOException {
    assertThat(snapshot()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("textsThatAreNotJson")
  void aTextThatIsNotJsonIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> textsThatAreNotJson() {
    List<HostileRequest> all = new ArrayList<>();
    for (String text :
        List.of(
            "",
            "  \r\n\t",
            "{",
            "}",
            "{\"rewards\"",
            "{\"rewards\":[",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[NaN]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[Infinity]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[-Infinity]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[-INF]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[01]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[+1]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[.5]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[1.]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[1e]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[0x10]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[-]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[1_000]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[1,]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[1 2]}]}",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[TRUE]}]}",
            "{\"rewards\":[{\"sample\":\"a\\x\",\"values\":[1]}]}",
            "{\"rewards\":[{\"sample\":\"\\u12\",\"values\":[1]}]}",
            "{\"rewards\":[{\"sample\":\"a\u0000\",\"values\":[1]}]}",
            "{\"rewards\":[{\"sample\":\"a\nb\",\"values\":[1]}]}",
            "{'rewards':[{'sample':'a','values':[1]}]}",
            "{rewards:[{sample:\"a\",values:[1]}]}",
            "/* */ " + GOOD,
            "# yes\n" + GOOD,
            GOOD + " x",
            GOOD + "]",
            GOOD + GOOD,
            GOOD + "\n" + GOOD,
            GOOD + "\u0000",
            "\u001e" + GOOD,
            "\ufeff" + GOOD,
            ")]}',\n" + GOOD,
            "<html><body>no</body></html>",
            "rewards=1",
            "nul")) {
      all.add(batch("text " + (text.length() > 70 ? text.substring(30) : text)).json(text));
    }
    for (Charset charset : List.of(UTF_16, UTF_16LE, UTF_16BE, Charset.forName("UTF-32"))) {
      all.add(batch("in " + charset).json(GOOD, charset));
    }
    for (String bytes :
        List.of(
            "\u00c1\u00a1", // an overlong a
            "\u00c0\u0080", // an overlong NUL
            "\u00e0\u0081\u00a1",
            "\u00f0\u0080\u0081\u00a1",
            "\u00ed\u00a0\u0080", // a surrogate
            "\u00ed\u00a0\u00bd\u00ed\u00b8\u0080", // a pair of them, as CESU-8 has it
            "\u00f4\u0090\u0080\u0080", // beyond the last code point
            "\u00f5\u0080\u0080\u0080",
            "\u00ff",
            "\u0080",
            "\u00c3",
            "\u00e2\u0082",
            "\u00e9")) {
      all.add(
          batch("bytes " + hex(bytes))
              .json("{\"rewards\":[{\"sample\":\"" + bytes + "\",\"values\":[1]}]}", ISO_8859_1));
    }
    all.add(batch("ends within a character").json(GOOD + "\u00c3", ISO_8859_1));
    all.add(batch("10,000 arrays").json("[".repeat(10_000)));
    all.add(batch("10,000 objects").json("{\"a\":".repeat(10_000)));
    all.add(batch("10,000 arrays, closed").json("[".repeat(10_000) + "]".repeat(10_000)));
    all.add(batch("10,000 arrays in rewards").json("{\"rewards\":" + "[".repeat(10_000)));
    all.add(batch("65 levels in an unknown field").json("{\"a\":" + "[".repeat(64) + "1"));
    all.add(
        batch("10,000 arrays in values")
            .json("{\"rewards\":[{\"sample\":\"a\",\"values\":" + "[".repeat(10_000)));
    all.add(batch("not gzip").json("hello").header("Content-Encoding: gzip"));
    all.add(batch("JSON said to be gzip").json(GOOD).header("Content-Encoding: gzip"));
    all.add(batch("nothing said to be gzip").json("").header("Content-Encoding: gzip"));
    all.add(batch("gzip of nothing").json("").zipped());
    for (int cut : List.of(1, 4, 8, 9, 20)) {
      all.add(batch("gzip less " + cut + " bytes").json(GOOD).zipped().without(cut));
    }
    byte[] zipped = HostileRequest.gzip(GOOD.getBytes(UTF_8));
    zipped[zipped.length - 6] ^= 1;
    all.add(
        batch("gzip with another checksum")
            .json("")
            .header("Content-Encoding: gzip")
            .bytes(zipped));
    all.add(batch("gzip and garbage").json(GOOD).zipped().and("garbage".getBytes(UTF_8)));
    all.add(batch("gzip and JSON").json(GOOD).zipped().and(GOOD.getBytes(UTF_8)));
    all.add(
        batch("gzip of gzip")
            .json("")
            .header("Content-Encoding: gzip")
            .bytes(HostileRequest.gzip(HostileRequest.gzip(GOOD.getBytes(UTF_8)))));
    all.add(
        batch("100,000 empty gzip members")
            .json("")
            .header("Content-Encoding: gzip")
            .bytes(repeat(HostileRequest.gzip(new byte[0]), 100_000)));
    return all.stream().map(request -> request.is(400, BODY));
  }

  @ParameterizedTest
  @MethodSource("batchesWithBadContent")
  void aBatchWithBadContentIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> batchesWithBadContent() {
    List<HostileRequest> all = new ArrayList<>();
    all.add(content("{}", "#/rewards"));
    for (String body : List.of("[]", "\"text\"", "5", "null", "true", "[" + GOOD + "]")) {
      all.add(content(body, "#"));
    }
    for (String rewards :
        List.of("null", "[]", "{}", "{\"a\":[1]}", "{\"a\":1}", "\"a\"", "1", "true")) {
      all.add(content("{\"rewards\":" + rewards + "}", "#/rewards"));
    }
    for (String sample : List.of("1", "null", "[]", "\"a\"", "[\"a\",[1]]")) {
      all.add(content("{\"rewards\":[" + sample + "]}", "#/rewards/0"));
    }
    all.add(sample("{}", "/sample"));
    all.add(sample("{\"values\":[1]}", "/sample"));
    all.add(sample("{\"sample\":\"a\"}", "/values"));
    for (String id :
        List.of(
            "\"\"",
            "\"" + "x".repeat(513) + "\"",
            "\"" + "\ud83d\ude00".repeat(513) + "\"",
            "\"" + "x".repeat(1_000_000) + "\"",
            "1".repeat(513),
            "1".repeat(100_000),
            "\"a\\u0000\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"a\\ud800b\"",
            "\"\\ude00\\ud83d\"",
            "1.5",
            "1e3",
            "true",
            "null",
            "{}",
            "[\"a\"]")) {
      all.add(sample("{\"sample\":" + id + ",\"values\":[1]}", "/sample"));
    }
    for (String values : List.of("[]", "null", "{}", "1", "\"1\"", "true", "{\"0\":1}")) {
      all.add(sample("{\"sample\":\"a\",\"values\":" + values + "}", "/values"));
    }
    for (String value :
        List.of(
            "true",
            "null",
            "\"1\"",
            "\"NaN\"",
            "[1]",
            "{}",
            "1e39",
            "-1e39",
            "1e400",
            "-1e400",
            "1e2147483648",
            "1e99999999999999999999",
            "3.4028236e38",
            "9".repeat(40),
            "9".repeat(100_000),
            "0." + "9".repeat(100_000))) {
      all.add(sample("{\"sample\":\"a\",\"values\":[0," + value + "]}", "/values/1"));
    }
    all.add(sample("{\"sample\":\"a\",\"sample\":\"b\",\"values\":[1]}", "/sample"));
    all.add(sample("{\"sample\":\"a\",\"values\":[1],\"values\":[1]}", "/values"));
    all.add(sample("{\"sample\":\"a\",\"values\":[1],\"value\":1}", "/value"));
    all.add(sample("{\"sample\":\"a\",\"values\":[1],\"a/b~c\":{\"d\":[]}}", "/a~1b~0c"));
    all.add(content(twice("\"a\"", "\"a\""), "#/rewards/1/sample"));
    all.add(content(twice("\"7\"", "7"), "#/rewards/1/sample"));
    all.add(content(twice("\"new\"", "\"n\\u0065w\""), "#/rewards/1/sample"));
    all.add(content("{\"rewards\":[],\"rewards\":[]}", "#/rewards"));
    for (String step :
        List.of("0", "-1", "1.5", "1e2", "\"1\"", "true", "[1]", "9007199254740993")) {
      all.add(content("{\"step\":" + step + "," + GOOD.substring(1), "#/step"));
    }
    all.add(content("{\"step\":" + "9".repeat(100_000) + "," + GOOD.substring(1), "#/step"));
    all.add(content("{\"step\":1,\"step\":1," + GOOD.substring(1), "#/step"));
    for (String field : List.of("epoch", "batch", "Rewards", "reward", "", "__proto__")) {
      all.add(content("{\"" + field + "\":1," + GOOD.substring(1), "#/" + field));
    }
    all.add(content("{\"\\u0000\":1," + GOOD.substring(1), "#/\u0000"));
    all.add(
        batch("field named by a lone surrogate")
            .json("{\"\\ud800\":1," + GOOD.substring(1))
            .is(400, BODY));
    all.add(batch("field with a long name").json("{\"" + "n".repeat(3_000) + "\":1}"));
    all.add(batch("field with a name of astral characters").json("{\"" + astral(60) + "\":1}"));
    all.add(batch("field with a name too long").json("{\"" + "n".repeat(1_000_000) + "\":1}"));
    all.add(
        batch("4,097 rollouts")
            .json("{\"rewards\":[{\"sample\":\"a\",\"values\":[" + "0,".repeat(4_096) + "0]}]}")
            .is(422, CONTENT, "#/rewards/0/values"));
    all.add(
        batch("1,000,001 samples")
            .json("{\"rewards\":[" + "{},".repeat(1_000_000) + "{}]}")
            .zipped()
            .is(422, CONTENT, "#/rewards"));
    all.add(
        batch("16,777,217 rollouts")
            .json(manyRollouts(4_097))
            .zipped()
            .is(422, CONTENT, "#/rewards"));
    return all.stream().map(request -> request.status() == 0 ? request.is(422, CONTENT) : request);
  }

  @ParameterizedTest
  @MethodSource("bodiesThatAreTooLarge")
  void aBodyThatIsTooLargeIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> bodiesThatAreTooLarge() {
    byte[] blanks = " ".repeat((256 << 20) + 1).getBytes(UTF_8);
    byte[] longLine = ("{\"epoch\":" + " ".repeat(64 << 20) + "1}\n").getBytes(UTF_8);
    return Stream.of(
            batch("256 MiB and a byte of blanks, as gzip").json("").bytes(blanks).zipped(),
            HostileRequest.of("a line of 64 MiB of blanks", "POST", "/runs/{run}/rewards")
                .ndjson("")
                .bytes(" ".repeat((64 << 20) + 1).getBytes(UTF_8))
                .zipped(),
            HostileRequest.of("a line with 64 MiB of blanks", "POST", "/runs/{run}/rewards")
                .ndjson("")
                .bytes(longLine)
                .zipped(),
            HostileRequest.of("a record with 64 MiB of blanks", "PUT", "/datasets/{data}/samples")
                .ndjson("")
                .bytes(longLine)
                .zipped(),
            HostileRequest.of("settings of more than 1 MiB", "PUT", "/runs/{fresh}")
                .json(" ".repeat((1 << 20) + 1)),
            HostileRequest.of("settings of more than 1 MiB, as gzip", "PUT", "/runs/{fresh}")
                .json(" ".repeat((1 << 20) + 1))
                .zipped(),
            HostileRequest.raw(
                "64 MiB and a byte announced",
                "PUT /api/v1/runs/{run}/epochs/4/batches/y HTTP/1.1~Host: localhost~"
                    + "Content-Type: application/json~Content-Length: 67108865~~{"))
        .map(request -> request.is(413, "body-too-large"));
  }

  @ParameterizedTest
  @MethodSource("bodiesOfAnotherType")
  void aBodyOfAnotherTypeIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> bodiesOfAnotherType() {
    byte[] good = GOOD.getBytes(UTF_8);
    List<HostileRequest> all = new ArrayList<>();
    all.add(batch("no type").bytes(good));
    for (String type :
        List.of(
            "text/plain",
            "text/json",
            "json",
            ";;;",
            "application/json; charset=utf-16",
            "application/json; charset=nonsense",
            "application/json; charset=",
            "application/*",
            "*/*",
            "application/x-ndjson",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x")) {
      all.add(batch("type " + type).bytes(good).type(type));
    }
    for (String encoding :
        List.of("br", "deflate", "zstd", "compress", "gzip, gzip", "identity, gzip", "chunked")) {
      all.add(batch("encoding " + encoding).json(GOOD).header("Content-Encoding: " + encoding));
    }
    all.add(upload("records as JSON").type("application/json").bytes("{}".getBytes(UTF_8)));
    for (String type : List.of("application/json-patch+json", "text/plain")) {
      all.add(HostileRequest.of("PATCH " + type, "PATCH", "/runs/{run}").type(type).bytes(good));
    }
    all.add(HostileRequest.of("run as text", "PUT", "/runs/{fresh}").type("a/b").bytes(good));
    all.add(finish("finish as a form").type("application/x-www-form-urlencoded").bytes(good));
    all.add(stream("a stream as text").type("text/plain").bytes(good));
    return all.stream().map(request -> request.is(415, MEDIA_TYPE));
  }

  @ParameterizedTest
  @MethodSource("writesThatDoNotFit")
  void aWriteThatDoesNotFitIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> writesThatDoNotFit() {
    List<HostileRequest> all = new ArrayList<>();
    for (String epoch :
        List.of("0", "-1", "x", "1.0", "+1", "10001", "99999999999", "%EF%BC%91", "1e3", "%20")) {
      for (String path : List.of("/batches/x", "/rewards", "/complete")) {
        all.add(
            HostileRequest.of(
                    "epoch " + epoch + path,
                    path.equals("/batches/x") ? "PUT" : "POST",
                    "/runs/{run}/epochs/" + epoch + path)
                .json(path.equals("/complete") ? "{}" : GOOD)
                .is(400, PARAMETER, "epoch"));
      }
    }
    for (String slug :
        List.of("a%20b", ".a", "-a", "_a", "x".repeat(129), "%C3%A9", "a:b", "a%0Ab")) {
      all.add(slug("run", slug, "PUT", "/runs/" + slug, "{}"));
      all.add(slug("run", slug, "GET", "/runs/" + slug, null));
      all.add(slug("run", slug, "GET", "/runs/" + slug + "/scores", null));
      all.add(slug("run", slug, "POST", "/runs/" + slug + "/rewards", GOOD));
      all.add(slug("run", slug, "POST", "/runs/" + slug + "/epochs/1/rewards", GOOD));
      all.add(slug("run", slug, "PUT", "/runs/" + slug + "/attempts/1", "{}"));
      all.add(slug("run", slug, "DELETE", "/runs/" + slug, null));
      all.add(slug("batch", slug, "PUT", "/runs/{run}/epochs/4/batches/" + slug, GOOD));
      all.add(slug("batch", slug, "DELETE", "/runs/{run}/epochs/4/batches/" + slug, null));
      all.add(slug("dataset", slug, "PUT", "/datasets/" + slug, "{}"));
      all.add(slug("dataset", slug, "GET", "/datasets/" + slug + "/samples", null));
    }
    for (String attempt : List.of("x", "0", "-1", "1.5", "99999999999", "", "1,1", "%31")) {
      String header = ATTEMPT + ": " + attempt;
      String name = "attempt said to be " + attempt;
      all.add(batch(name).json(GOOD).header(header).is(400, PARAMETER, ATTEMPT));
      all.add(finish(name).header(header).is(400, PARAMETER, ATTEMPT));
      all.add(stream(name).ndjson(LINE).header(header).is(400, PARAMETER, ATTEMPT));
    }
    for (String run : List.of("{run}", "{fresh}")) {
      String header = ATTEMPT + ": 2";
      String path = "/runs/" + run;
      all.add(
          HostileRequest.of("attempt 2 before it began", "PUT", path + "/epochs/4/batches/y")
              .json(GOOD)
              .header(header)
              .is(409, "stale-attempt"));
      all.add(
          HostileRequest.of("attempt 2 before it began", "POST", path + "/rewards")
              .ndjson(LINE)
              .header(header)
              .is(409, "stale-attempt"));
    }
    all.add(finish("attempt 2 finishes").header("Lim-Attempt: 2").is(409, "stale-attempt"));
    all.add(
        batch("a key that is reserved")
            .at(path -> path.replace("/y", "/epoch"))
            .json(GOOD)
            .is(422, CONTENT));
    all.add(
        batch("a part of a whole epoch")
            .at(path -> path.replace("/4/", "/1/"))
            .json(GOOD)
            .is(409, "epoch-has-batches"));
    all.add(whole("other content", 1, "").json(GOOD).is(409, "epoch-exists"));
    all.add(whole("a whole epoch over parts", 4, "").json(GOOD).is(409, "epoch-has-batches"));
    all.add(whole("replace=maybe", 1, "?replace=maybe").json(GOOD).is(400, PARAMETER, "replace"));
    all.add(whole("replace=", 1, "?replace=").json(GOOD).is(400, PARAMETER, "replace"));
    all.add(
        whole("replace twice", 1, "?replace=true&replace=true")
            .json(GOOD)
            .is(400, PARAMETER, "replace"));
    all.add(whole("unknown", 1, "?replce=true").json(GOOD).is(400, PARAMETER, "replce"));
    all.add(
        batch("a part cannot be asked to replace")
            .at(path -> path + "?replace=true")
            .json(GOOD)
            .is(400, PARAMETER, "replace"));
    String unknown = "{\"rewards\":[{\"sample\":\"who\",\"values\":[1]}]}";
    all.add(
        HostileRequest.of("unknown sample", "PUT", "/runs/{closed}/epochs/1/batches/x")
            .json(unknown)
            .is(422, "unknown-samples", "#/rewards/0/sample"));
    all.add(
        HostileRequest.of("unknown sample in a line", "POST", "/runs/{closed}/rewards")
            .ndjson("{\"epoch\":1," + unknown.substring(1))
            .is(422, "unknown-samples", "#/rewards/0/sample")
            .saying("\"committedLines\":0"));
    for (String run : List.of("finished", "deleted")) {
      int status = run.equals("deleted") ? 410 : 409;
      String path = "/runs/{" + run + "}";
      for (HostileRequest request :
          List.of(
              HostileRequest.of(run, "PUT", path + "/epochs/1/batches/y").json(GOOD),
              HostileRequest.of(run, "POST", path + "/epochs/2/rewards").json(GOOD),
              HostileRequest.of(run, "POST", path + "/rewards").ndjson(LINE),
              HostileRequest.of(run, "DELETE", path + "/epochs/1/batches/x"),
              HostileRequest.of(run, "POST", path + "/epochs/1/complete"))) {
        all.add(request.is(status, "run-" + run));
      }
    }
    all.add(HostileRequest.of("deleted", "POST", "/runs/{deleted}/finish").is(410, "run-deleted"));
    all.add(
        HostileRequest.of("deleted", "PATCH", "/runs/{deleted}")
            .type("application/merge-patch+json")
            .bytes("{}".getBytes(UTF_8))
            .is(410, "run-deleted"));
    all.add(
        HostileRequest.of("no such batch", "DELETE", "/runs/{run}/epochs/4/batches/none")
            .is(404, "batch-not-found"));
    all.add(
        HostileRequest.of("no rewards to close", "POST", "/runs/{run}/epochs/9/complete")
            .is(422, CONTENT));
    for (HostileRequest request :
        List.of(
            HostileRequest.of("no run", "DELETE", "/runs/{fresh}"),
            HostileRequest.of("no run", "POST", "/runs/{fresh}/finish"),
            HostileRequest.of("no run", "POST", "/runs/{fresh}/epochs/1/complete"),
            HostileRequest.of("no run", "PUT", "/runs/{fresh}/attempts/2").json("{}"),
            HostileRequest.of("no run", "PATCH", "/runs/{fresh}").json("{}"),
            HostileRequest.of("no run", "DELETE", "/runs/{fresh}/epochs/1/batches/x"))) {
      all.add(request.is(404, "run-not-found"));
    }
    all.add(
        HostileRequest.of("force=1", "DELETE", "/runs/{run}?force=1").is(400, PARAMETER, "force"));
    all.add(
        HostileRequest.of("force twice", "DELETE", "/runs/{run}?force=true&force=true")
            .is(400, PARAMETER, "force"));
    all.add(finish("unknown field").json("{\"now\":true}").is(422, CONTENT, "#/now"));
    all.add(finish("not JSON").json("now").is(400, BODY));
    all.add(finish("unknown parameter").at(path -> path + "?now=true").is(400, PARAMETER, "now"));
    for (String attempt : List.of("0", "x", "-1", "1.5", "99999999999")) {
      all.add(attempt(attempt, "{}").is(400, PARAMETER, "attempt"));
    }
    all.add(attempt("3", "{}").is(409, "stale-attempt"));
    all.add(attempt("2", "{\"afterStep\":1,\"afterEpoch\":1}").is(422, CONTENT, "#/afterEpoch"));
    all.add(attempt("2", "{\"afterStep\":1}").is(422, CONTENT, "#/afterStep"));
    for (String value : List.of("-1", "\"1\"", "1.5", "true", "[]", "1e3", "9".repeat(30))) {
      all.add(attempt("2", "{\"afterStep\":" + value + "}").is(422, CONTENT, "#/afterStep"));
      all.add(attempt("2", "{\"afterEpoch\":" + value + "}").is(422, CONTENT, "#/afterEpoch"));
    }
    all.add(attempt("2", "{\"after\":1}").is(422, CONTENT, "#/after"));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("badLines")
  void aBadLineEndsTheStreamAndIsNamed(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> badLines() {
    List<HostileRequest> all = new ArrayList<>();
    for (String text :
        List.of(
            "{",
            "x",
            LINE.trim() + LINE.trim(),
            LINE.trim() + ",",
            "\ufeff" + LINE.trim(),
            "{\"epoch\":4,\"batch\":\"x\",\"rewards\":[{\"sample\":\"a\",\"values\":[NaN]}]}",
            "[".repeat(10_000))) {
      all.add(second(text, 400, BODY));
    }
    for (String text : List.of("[]", "null", "1", "\"text\"")) {
      all.add(second(text, 422, CONTENT, "#"));
    }
    all.add(second(GOOD, 422, CONTENT, "#/epoch"));
    for (String epoch : List.of("0", "-1", "10001", "1.0", "\"1\"", "null", "9".repeat(30))) {
      String text = "{\"epoch\":" + epoch + "," + GOOD.substring(1);
      all.add(second(text, 422, CONTENT, "#/epoch"));
    }
    for (String batch : List.of("\"epoch\"", "\"\"", "\"a b\"", "1", "[]", "\"\\u0000\"")) {
      String text = "{\"epoch\":4,\"batch\":" + batch + "," + GOOD.substring(1);
      all.add(second(text, 422, CONTENT, "#/batch"));
    }
    all.add(second("{\"epoch\":4,\"epoch\":4," + GOOD.substring(1), 422, CONTENT, "#/epoch"));
    all.add(second("{\"epoch\":1," + GOOD.substring(1), 409, "epoch-exists"));
    all.add(second("{\"epoch\":1,\"batch\":\"x\"," + HELD + "}", 409, "epoch-has-batches"));
    all.add(second("{\"epoch\":4," + GOOD.substring(1), 409, "epoch-has-batches"));
    all.add(
        stream("a first line that is bad, in a run that is not there")
            .at(path -> path.replace("{run}", "{fresh}"))
            .ndjson("x\n" + LINE)
            .is(400, BODY)
            .saying("\"line\":1,\"committedLines\":0"));
    all.add(
        stream("blank lines are counted")
            .ndjson("\r\n \n" + LINE + "\n\t\nx\n")
            .is(400, BODY)
            .saying("\"line\":6,\"committedLines\":1"));
    all.add(
        stream("ends in a line")
            .ndjson(LINE + LINE.substring(0, 40))
            .is(400, BODY)
            .saying("\"line\":2,\"committedLines\":1"));
    all.add(
        stream("gzip that ends in a line")
            .ndjson(LINE + LINE)
            .zipped()
            .without(9)
            .is(400, BODY)
            .saying("\"line\":"));
    all.add(stream("lines in UTF-16").type("application/x-ndjson").bytes(LINE.getBytes(UTF_16LE)));
    all.add(stream("not gzip").ndjson(LINE).header("Content-Encoding: gzip").is(400, BODY));
    all.add(stream("JSON without epoch").json(GOOD).is(422, CONTENT, "#/epoch"));
    all.add(stream("two JSON objects").json(LINE + LINE).is(400, BODY));
    all.add(
        stream("replace=maybe")
            .at(path -> path + "?replace=maybe")
            .ndjson(LINE)
            .is(400, PARAMETER, "replace"));
    all.add(
        stream("unknown parameter")
            .at(path -> path + "?epoch=1")
            .ndjson(LINE)
            .is(400, PARAMETER, "epoch"));
    return all.stream().map(request -> request.status() == 0 ? request.is(400, BODY) : request);
  }

  @ParameterizedTest
  @MethodSource("badRecords")
  void aBadRecordEndsTheUploadAndIsNamed(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> badRecords() {
    List<HostileRequest> all = new ArrayList<>();
    for (String record : List.of("[]", "1", "null", "\"a\"")) {
      all.add(record(record).is(422, CONTENT, "#"));
    }
    for (String record :
        List.of(
            "{}",
            "{\"Id\":\"a\"}",
            "{\"id\":null}",
            "{\"id\":1.5}",
            "{\"id\":true}",
            "{\"id\":{}}",
            "{\"id\":[]}",
            "{\"id\":\"\"}",
            "{\"id\":\"a\\u0000\"}",
            "{\"id\":\"\\ud800\"}",
            "{\"id\":\"\\udc00a\"}",
            "{\"id\":\"" + "x".repeat(513) + "\"}",
            "{\"id\":\"" + "x".repeat(1_000_000) + "\"}",
            "{\"id\":" + "1".repeat(600) + "}",
            "{\"id\":\"a\",\"id\":\"a\"}",
            "{\"x\":{\"id\":\"a\"}}")) {
      all.add(record(record).is(422, CONTENT, "#/id"));
    }
    all.add(record("{\"id\":\"a\",\"n\":" + "9".repeat(100_000) + "}").is(422, CONTENT));
    for (String record :
        List.of(
            "{",
            "{\"id\":\"a\"",
            "{\"id\":\"a\"} x",
            "{\"id\":\"a\"}{\"id\":\"b\"}",
            "{\"id\":\"a\",}",
            "{\"id\":\"a\",\"n\":NaN}",
            "{\"id\":\"a\",\"n\":01}",
            "{\"id\":\"a\",\"t\":\"\t\"}",
            "\ufeff{\"id\":\"a\"}",
            "{\"id\":\"a\",\"x\":" + "[".repeat(64) + "]".repeat(64) + "}",
            "{\"id\":\"a\",\"x\":" + "[".repeat(10_000))) {
      all.add(record(record).is(400, BODY));
    }
    for (String bytes : List.of("\u00c1\u00a1", "\u00ed\u00a0\u0080", "\u00ff", "\u00e9")) {
      all.add(
          upload("record with bytes " + hex(bytes))
              .type("application/x-ndjson")
              .bytes(("{\"id\":\"a\",\"t\":\"" + bytes + "\"}").getBytes(ISO_8859_1))
              .is(400, BODY));
    }
    all.add(
        upload("records in UTF-16")
            .type("application/x-ndjson")
            .bytes("{\"id\":\"a\"}\n".getBytes(UTF_16))
            .is(400, BODY));
    all.add(upload("gzip cut").ndjson("{\"id\":\"b\"}\n").zipped().without(9).is(400, BODY));
    all.add(
        upload("unknown parameter")
            .at(path -> path + "?replace=true")
            .ndjson("{\"id\":\"z\"}")
            .is(400, PARAMETER, "replace"));
    all.add(
        HostileRequest.of("no dataset is left by a bad upload", "PUT", "/datasets/{fresh}/samples")
            .ndjson("{}")
            .is(422, CONTENT, "#/id"));
    all.add(
        HostileRequest.of("dataset with settings", "PUT", "/datasets/{fresh}")
            .json("{\"name\":\"x\"}")
            .is(422, CONTENT, "#/name"));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("badSettings")
  void badSettingsAreRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> badSettings() {
    List<HostileRequest> all = new ArrayList<>();
    for (String[] field :
        new String[][] {
          {"reward", "1", "\"median\"", "\"\"", "\"MEAN\"", "[]", "true", "{}"},
          {"missing", "1", "\"none\"", "\"Backfill\"", "{}", "false"},
          {"correctAt", "\"1\"", "true", "1e39", "-1e400", "[1]", "{}"},
          {"rewardMax", "\"1\"", "true", "1e39", "1e400", "9".repeat(40), "[]"},
          {"batchesPerEpoch", "0", "-1", "1.5", "1e2", "\"8\"", "1000001", "9".repeat(30), "[]"},
          {"closedDataset", "\"yes\"", "1", "\"true\"", "[]"},
          {"dataset", "\"\"", "\"a b\"", "5", "\"" + "x".repeat(129) + "\"", "[]", "\"\\u0000\""},
          {
            "tags", "[]", "1", "\"a\"", "{\"\":\"x\"}", "{\"a\":\"\\u0000\"}", "{\"\\u0000\":\"a\"}"
          },
          {"tags", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}"},
          {"tags", "{\"" + "n".repeat(129) + "\":\"\"}", "{\"a\":\"" + "v".repeat(1025) + "\"}"},
          {
            "tags",
            IntStream.range(0, 65)
                    .mapToObj(i -> "\"t" + i + "\":\"\"")
                    .reduce("{", HostileInputIT::list)
                + "}"
          },
          {
            "tags/a",
            "{\"a\":1}",
            "{\"a\":{}}",
            "{\"a\":[]}",
            "{\"a\":true}",
            "{\"a\":\"1\",\"a\":\"2\"}"
          },
          {"unknown", "1", "null", "{\"deep\":[[[]]]}"},
        }) {
      for (int i = 1; i < field.length; i++) {
        String name = field[0].equals("tags/a") ? "tags" : field[0];
        String body = "{\"" + name + "\":" + field[i] + "}";
        String shown = body.length() > 60 ? body.substring(0, 60) : body;
        all.add(
            HostileRequest.of("PUT " + shown, "PUT", "/runs/{fresh}")
                .json(body)
                .is(422, CONTENT, "#/" + field[0]));
        all.add(
            HostileRequest.of("PATCH " + shown, "PATCH", "/runs/{run}")
                .type("application/merge-patch+json")
                .bytes(body.getBytes(UTF_8))
                .is(422, CONTENT, "#/" + field[0]));
      }
    }
    for (String body : List.of("[]", "null", "1", "\"a\"")) {
      all.add(
          HostileRequest.of("PUT " + body, "PUT", "/runs/{fresh}")
              .json(body)
              .is(422, CONTENT, "#"));
    }
    for (String body :
        List.of("{", "x", "{} {}", "{\"correctAt\":NaN}", "{\"a\":" + "[".repeat(10_000), " ")) {
      all.add(
          HostileRequest.of(
                  "PUT " + body.trim().concat(" ").substring(0, 1) + body.length(),
                  "PUT",
                  "/runs/{fresh}")
              .json(body)
              .is(400, BODY));
    }
    all.add(put("UTF-16").json("{\"reward\":\"mean\"}", UTF_16).is(400, BODY));
    all.add(put("byte order mark").json("\ufeff{}").is(400, BODY));
    all.add(put("overlong").json("{\"tags\":{\"a\":\"\u00c1\u00a1\"}}", ISO_8859_1).is(400, BODY));
    all.add(
        put("twice")
            .json("{\"reward\":\"mean\",\"reward\":\"mean\"}")
            .is(422, CONTENT, "#/reward"));
    all.add(
        put("long text").json("{\"dataset\":\"" + "x".repeat(100_000) + "\"}").is(422, CONTENT));
    all.add(
        put("long number").json("{\"rewardMax\":" + "1".repeat(100_000) + "}").is(422, CONTENT));
    all.add(put("lone surrogate").json("{\"\\ud800\":1}").is(400, BODY));
    all.add(
        put("parameter").at(path -> path + "?reward=mean").json("{}").is(400, PARAMETER, "reward"));
    all.add(
        HostileRequest.of("other settings", "PUT", "/runs/{run}")
            .json("{\"dataset\":\"{data}\",\"missing\":\"carry\"}")
            .is(409, "settings-differ"));
    all.add(
        HostileRequest.of("another dataset", "PATCH", "/runs/{run}")
            .json("{\"dataset\":\"other\"}")
            .is(422, CONTENT, "#/dataset"));
    all.add(
        HostileRequest.of("no dataset", "PATCH", "/runs/{run}")
            .json("{\"dataset\":null}")
            .is(422, CONTENT, "#/dataset"));
    return all.stream();
  }

  private static String list(String before, String next) {
    return before.length() == 1 ? before + next : before + "," + next;
  }

  @ParameterizedTest
  @MethodSource("badQueries")
  void aBadQueryIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> badQueries() {
    List<HostileRequest> all = new ArrayList<>();
    String[] scored = {
      "/scores?", "/curve?", "/distribution?", "/trajectories?sample=a&", "/subset?top=1&"
    };
    for (String query :
        List.of(
            "strategy=unknown",
            "strategy=",
            "strategy=LIM",
            "strategy=lim&strategy=lim",
            "reward=median",
            "missing=none",
            "missing=",
            "minEpochs=0",
            "minEpochs=x",
            "minEpochs=1.5",
            "minEpochs=10001",
            "from=0",
            "from=-1",
            "from=99999999999999999999",
            "through=10001",
            "through=0",
            "through=99",
            "through=1&from=2",
            "through=%EF%BC%91",
            "correctAt=NaN",
            "correctAt=1e39",
            "correctAt=x",
            "correctAt=1e999999999",
            "rewardMax=Infinity",
            "rewardMax=-1e39",
            "rewardMax=",
            "rewardMax=0x1p3",
            "unknown=1",
            "Strategy=lim",
            "%00=1")) {
      String name = query.substring(0, query.indexOf('=')).replace("%00", "\0");
      for (String path : scored) {
        all.add(get("/runs/{run}" + path + query).is(400, PARAMETER, name));
      }
    }
    for (String query :
        List.of(
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=x",
            "limit=1e3",
            "limit=",
            "limit=1&limit=1",
            "cursor=",
            "cursor=x",
            "cursor=%00",
            "cursor=AAAA",
            "cursor=" + "A".repeat(2_000))) {
      String name = query.substring(0, query.indexOf('='));
      for (String path :
          List.of("/runs", "/datasets", "/datasets/{data}/samples", "/runs/{run}/scores")) {
        all.add(get(path + "?" + query).is(400, PARAMETER, name));
      }
    }
    String[][] listings = {
      {"/runs", "runs"},
      {"/datasets", "datasets"},
      {"/datasets/{data}/samples", "samples"},
      {"/runs/{run}/scores", "scores-score"},
      {"/runs/{run}/scores?sort=sample", "scoressample"}
    };
    for (String[] listing : listings) {
      String query = listing[0] + (listing[0].contains("?") ? "&" : "?") + "cursor=";
      for (String[] other : listings) {
        if (other != listing) {
          all.add(get(query + Cursor.encode(other[1], "1")).is(400, PARAMETER, "cursor"));
        }
      }
      for (String position : List.of("", "\0", "-1", " 1", "\ud83d\ude00", "1\n", "a b")) {
        all.add(get(query + Cursor.encode(listing[1], position)).is(400, PARAMETER, "cursor"));
      }
    }
    for (String kind : List.of("scores-score", "samples")) {
      String path = kind.equals("samples") ? "/datasets/{data}/samples" : "/runs/{run}/scores";
      for (String position : List.of("abc", "99999999999999", "1.5", "0x1")) {
        all.add(
            get(path + "?cursor=" + Cursor.encode(kind, position)).is(400, PARAMETER, "cursor"));
      }
    }
    all.add(get("/runs/{run}/scores?sort=rank").is(400, PARAMETER, "sort"));
    all.add(get("/runs/{run}/scores?sort=").is(400, PARAMETER, "sort"));
    for (String query :
        List.of(
            "threshold=NaN",
            "threshold=Infinity",
            "threshold=x",
            "threshold=1e400",
            "threshold=",
            "threshold=0x1p3",
            "threshold=1e-999999999",
            "threshold=1e999999999",
            "threshold=" + "1".repeat(1_000),
            "threshold=0,5",
            "threshold=%EF%BC%91",
            "fraction=0",
            "fraction=-0.1",
            "fraction=1.0000001",
            "fraction=2",
            "fraction=50%25",
            "fraction=1/2",
            "fraction=1e-999999999",
            "fraction=NaN",
            "fraction=",
            "top=0",
            "top=-1",
            "top=1.5",
            "top=1e2",
            "top=x",
            "top=",
            "top=1&top=2",
            "threshold=0.5&top=3",
            "top=1&fraction=0.5",
            "fraction=0.5&threshold=1")) {
      all.add(
          get("/runs/{run}/subset?" + query)
              .is(400, PARAMETER, query.substring(0, query.indexOf('='))));
    }
    all.add(get("/runs/{run}/subset").is(400, PARAMETER, "threshold"));
    all.add(get("/runs/{run}/subset?top=1&solved=perhaps").is(400, PARAMETER, "solved"));
    all.add(get("/runs/{run}/subset?top=1&solved=").is(400, PARAMETER, "solved"));
    all.add(get("/runs/{run}/subset?top=1&format=exe").is(400, PARAMETER, "format"));
    all.add(get("/runs/{run}/subset?top=1&format=").is(400, PARAMETER, "format"));
    for (String query :
        List.of(
            "bins=0",
            "bins=1001",
            "bins=x",
            "low=x",
            "high=NaN",
            "low=1",
            "high=-1",
            "low=2",
            "low=1e309")) {
      all.add(
          get("/runs/{run}/distribution?" + query)
              .is(400, PARAMETER, query.substring(0, query.indexOf('='))));
    }
    all.add(get("/runs/{run}/distribution?low=-1e308&high=1e308").is(400, PARAMETER, "high"));
    all.add(get("/runs/{run}/trajectories").is(400, PARAMETER, "sample"));
    for (String id : List.of("", "%00", "nobody", "%F0%9F%98%80", "x".repeat(2_000), "a%0A")) {
      all.add(get("/runs/{run}/trajectories?sample=" + id).is(400, PARAMETER, "sample"));
    }
    all.add(
        get("/runs/{run}/trajectories?"
                + IntStream.range(0, 101)
                    .mapToObj(i -> "sample=" + i)
                    .reduce("", (a, b) -> a + "&" + b))
            .is(400, PARAMETER, "sample"));
    for (String tag : List.of("", "x", ":v", "%00:v", "k:%00")) {
      all.add(get("/runs?tag=" + tag).is(400, PARAMETER, "tag"));
    }
    for (String path :
        List.of(
            "/runs/{run}", "/datasets/{data}", "/limits", "/strategies", "/runs", "/datasets")) {
      all.add(get(path + "?unknown=1").is(400, PARAMETER, "unknown"));
    }
    for (String query :
        List.of(
            "tag=%",
            "tag=%4",
            "tag=%zz",
            "tag=%ff%fe",
            "tag=%C0%AF",
            "tag=%ED%A0%80",
            "tag=a:%e9",
            "%ff=1",
            "=1")) {
      all.add(get("/runs?" + query).is(400, REQUEST));
    }
    all.add(get("/limits?" + "a&".repeat(1_001)).is(400, REQUEST));
    for (String path :
        List.of(
            "", "/scores", "/curve", "/distribution", "/trajectories?sample=a", "/subset?top=1")) {
      all.add(get("/runs/{fresh}" + path).is(404, "run-not-found"));
      all.add(get("/runs/{deleted}" + path).is(410, "run-deleted"));
    }
    all.add(get("/datasets/{fresh}").is(404, "dataset-not-found"));
    all.add(get("/datasets/{fresh}/samples").is(404, "dataset-not-found"));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("badAddressesAndHeaders")
  void aBadAddressMethodOrHeaderIsRefused(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> badAddressesAndHeaders() {
    List<HostileRequest> all = new ArrayList<>();
    for (String path :
        List.of(
            "/nowhere",
            "/runs/",
            "/runs/{run}/",
            "/runs/{run}/epochs",
            "/runs/{run}/nothing",
            "/Runs",
            "/runs/{run}/scores/1",
            "/datasets/{data}/records")) {
      all.add(get(path).is(404, "not-found"));
    }
    for (String path :
        List.of(
            "/nowhere",
            "/api",
            "/api/v1",
            "/api/v2/runs",
            "/error",
            "/admin",
            "/.env",
            "/WEB-INF/web.xml",
            "/actuator/env",
            "/actuator/heapdump")) {
      all.add(
          HostileRequest.raw("address " + path, "GET " + path + " HTTP/1.1~Host: localhost~~")
              .is(404, "not-found"));
    }
    for (String[] call :
        new String[][] {
          {"DELETE", "/runs/{run}/scores"},
          {"POST", "/runs"},
          {"POST", "/runs/{run}"},
          {"POST", "/runs/{run}?_method=DELETE"},
          {"PATCH", "/datasets/{data}"},
          {"DELETE", "/datasets/{data}"},
          {"PUT", "/runs/{run}/epochs/1/rewards"},
          {"POST", "/runs/{run}/epochs/4/batches/x"},
          {"GET", "/runs/{run}/finish"},
          {"GET", "/runs/{run}/rewards"},
          {"PUT", "/limits"},
          {"TRACE", "/runs/{run}"},
          {"PROPFIND", "/runs/{run}"},
          {"get", "/runs/{run}"},
        }) {
      all.add(
          HostileRequest.of(call[0] + " " + call[1], call[0], call[1])
              .is(405, "method-not-allowed"));
    }
    for (String header : List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")) {
      all.add(
          HostileRequest.of(header, "POST", "/runs/{run}")
              .header(header + ": DELETE")
              .is(405, "method-not-allowed"));
    }
    for (String accept :
        List.of(
            "image/png",
            "text/html",
            "application/xml;q=1",
            "garbage",
            ";;",
            "application/json;q=0")) {
      all.add(
          get("/runs/{run}/subset?top=1").header("Accept: " + accept).is(406, "not-acceptable"));
      if (accept.endsWith("q=0")) {
        continue;
      }
      all.add(get("/runs/{run}/scores").header("Accept: " + accept).is(406, "not-acceptable"));
    }
    all.add(
        batch("host evil").json(GOOD).header("Origin: http://evil.example").is(403, "other-site"));
    all.add(batch("origin null").json(GOOD).header("Origin: null").is(403, "other-site"));
    all.add(batch("origin garbage").json(GOOD).header("Origin: %%%").is(403, "other-site"));
    all.add(batch("origin empty").json(GOOD).header("Origin: ").is(403, "other-site"));
    for (String site : List.of("cross-site", "same-site", "garbage", "")) {
      all.add(
          batch("from " + site).json(GOOD).header("Sec-Fetch-Site: " + site).is(403, "other-site"));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("brokenHttp")
  void brokenHttpIsRefusedWithAProblemToo(HostileRequest request) throws IOException {
    isRefused(request);
  }

  static Stream<HostileRequest> brokenHttp() {
    List<HostileRequest> all = new ArrayList<>();
    String host = "~Host: localhost~";
    String run = "GET /api/v1/runs/{run} HTTP/1.1" + host;
    String write =
        "PUT /api/v1/runs/{run}/epochs/4/batches/y HTTP/1.1"
            + host
            + "Content-Type: application/json~";
    String[][] bad = {
      {"garbage", "GARBAGE~~"},
      {"no address", "GET~~"},
      {"two addresses", "GET / / HTTP/1.1" + host + "~"},
      {"a method of odd characters", "G@T /api/v1/limits HTTP/1.1" + host + "~"},
      {"a TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003~~"},
      {"an SSH hello", "SSH-2.0-OpenSSH_9.6~~"},
      {"NUL in the address", "GET /api/v1/limits\u0000 HTTP/1.1" + host + "~"},
      {"a bell in the address", "GET /api/v1/limits\u0007 HTTP/1.1" + host + "~"},
      {"raw UTF-8 in the address", "GET /api/v1/runs/\u00c3\u00a9 HTTP/1.1" + host + "~"},
      {"angle brackets", "GET /api/v1/runs?tag=<b> HTTP/1.1" + host + "~"},
      {"braces", "GET /api/v1/runs/{a} HTTP/1.1" + host + "~"},
      {"a quote", "GET /api/v1/runs?tag=\" HTTP/1.1" + host + "~"},
      {"a backslash", "GET /api/v1\\runs HTTP/1.1" + host + "~"},
      {"a fragment", "GET /api/v1/limits#x HTTP/1.1" + host + "~"},
      {"an encoded slash", "GET /api/v1/runs/a%2Fb HTTP/1.1" + host + "~"},
      {"an encoded backslash", "GET /api/v1/runs/a%5Cb HTTP/1.1" + host + "~"},
      {"an encoded NUL", "GET /api/v1/limits%00 HTTP/1.1" + host + "~"},
      {"a bad escape", "GET /api/v1/runs/%zz HTTP/1.1" + host + "~"},
      {"half an escape", "GET /api/v1/runs/% HTTP/1.1" + host + "~"},
      {"overlong dots", "GET /api/v1/runs/%c0%ae%c0%ae HTTP/1.1" + host + "~"},
      {"not UTF-8", "GET /api/v1/runs/%ff HTTP/1.1" + host + "~"},
      {"above the root", "GET /../../etc/passwd HTTP/1.1" + host + "~"},
      {"above the root, encoded", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1" + host + "~"},
      {"no host", "GET /api/v1/limits HTTP/1.1~~"},
      {"two hosts", run + "Host: localhost~~"},
      {"a host with a space", "GET /api/v1/limits HTTP/1.1~Host: a b~~"},
      {"a host with a bad port", "GET /api/v1/limits HTTP/1.1~Host: localhost:port~~"},
      {"a host of brackets", "GET /api/v1/limits HTTP/1.1~Host: [::~~"},
      {
        "the address of another host", "GET http://evil.example/api/v1/limits HTTP/1.1" + host + "~"
      },
      {"a header without a colon", run + "Nonsense~~"},
      {"a header without a name", run + ": x~~"},
      {"a header with a space in its name", run + "A B: x~~"},
      {"a space before the colon", run + "Content-Length : 0~~"},
      {"NUL in a header", run + "A: \u0000~~"},
      {"a bell in a header", run + "A: \u0007~~"},
      {"a header of 100 KB", run + "A: " + "b".repeat(100_000) + "~~"},
      {"1,000 headers", run + "A: b~".repeat(1_000) + "~"},
      {
        "an address of 100 KB",
        "GET /api/v1/runs?tag=" + "b".repeat(100_000) + " HTTP/1.1" + host + "~"
      },
      {"a length below 0", write + "Content-Length: -1~~" + GOOD},
      {"a length that is no number", write + "Content-Length: many~~" + GOOD},
      {"a length beyond numbers", write + "Content-Length: 99999999999999999999~~" + GOOD},
      {"two lengths", write + "Content-Length: 5~Content-Length: 6~~" + GOOD},
      {"a list of lengths", write + "Content-Length: 5, 6~~" + GOOD},
    };
    for (String[] request : bad) {
      all.add(HostileRequest.raw(request[0], request[1]).is(400, REQUEST));
    }
    for (String version :
        List.of("HTTP/9.9", "HTTP/2.0", "HTTP/0.9", "HTTP", "http/1.1", "HTTP/1.1x", "ICY/1.0")) {
      all.add(
          HostileRequest.raw("version " + version, "GET /api/v1/limits " + version + host + "~"));
    }
    for (String coding : List.of("gibberish", "gzip", "chunked, gzip", "identity")) {
      all.add(
          HostileRequest.raw(
              "transfer coding " + coding, write + "Transfer-Encoding: " + coding + "~~" + GOOD));
    }
    String chunked = write + "Transfer-Encoding: chunked~~";
    String[][] badChunks = {
      {"a chunk size that is no number", "zz~{}~0~~"},
      {"a chunk size below 0", "-1~{}~0~~"},
      {"a chunk size beyond numbers", "fffffffffffffffff~{}~0~~"},
      {"a chunk that is longer than it says", "1~{}~0~~"},
      {"no chunk size", "~{}~0~~"},
      {"chunks that end early", "5~{\"a"},
    };
    for (String[] request : badChunks) {
      all.add(HostileRequest.raw(request[0], chunked + request[1]).is(400, BODY));
    }
    all.add(
        HostileRequest.raw("a body that ends early", write + "Content-Length: 100~~" + GOOD)
            .is(400, BODY));
    all.add(
        HostileRequest.raw(
                "a body that ends early, as gzip",
                write + "Content-Encoding: gzip~Content-Length: 100~~\u001f\u008b\u0008")
            .is(400, BODY));
    all.add(
        HostileRequest.raw(
                "a wish that nobody can meet", write + "Expect: miracles~Content-Length: 2~~{}")
            .is(417, "container"));
    for (String name :
        List.of("evil.example", "127.0.0.2", "localhost.evil.example", "[::2]", "localhost.")) {
      all.add(
          HostileRequest.raw("host " + name, "GET /api/v1/limits HTTP/1.1~Host: " + name + "~~")
              .is(421, "host-not-allowed"));
    }
    all.add(HostileRequest.raw("CONNECT", "CONNECT localhost:80 HTTP/1.1~Host: localhost:80~~"));
    all.add(
        HostileRequest.raw("no method", " /api/v1/limits HTTP/1.1" + host + "~")
            .is(405, "method-not-allowed"));
    all.add(
        HostileRequest.raw("dots", "GET /api/v1/runs/../limits HTTP/1.1" + host + "~")
            .is(404, "not-found"));
    all.add(
        HostileRequest.raw("encoded dots", "GET /api/v1/runs/%2e%2e/limits HTTP/1.1" + host + "~")
            .is(404, "not-found"));
    all.add(HostileRequest.raw("everything", "GET * HTTP/1.1" + host + "~"));
    return all.stream();
  }

  /** What looks odd, and is answered as if it were not. */
  @ParameterizedTest
  @MethodSource("harmless")
  void whatIsOddButRightIsAnswered(HostileRequest request) throws IOException {
    HostileRequest filled = request.fill(this::fill);
    Answer answer = exchange(filled);
    assertThat(answer.status()).as(answer.text()).isEqualTo(filled.status());
    assertThat(snapshot()).isEqualTo(before);
  }

  static Stream<HostileRequest> harmless() {
    String host = "~Host: localhost~";
    List<HostileRequest> all = new ArrayList<>();
    all.add(stream("no lines").ndjson("").answers(200));
    all.add(stream("blank lines").ndjson("\n\r\n \t\n").answers(200));
    all.add(stream("no lines, as gzip").ndjson("").zipped().answers(200));
    all.add(
        stream("no lines for a run that is not there")
            .at(path -> path.replace("{run}", "{fresh}"))
            .ndjson("")
            .answers(200));
    all.add(
        stream("two gzip members")
            .ndjson(LINE)
            .zipped()
            .and(HostileRequest.gzip(LINE.getBytes(UTF_8)))
            .answers(200));
    all.add(upload("no records").ndjson("").answers(200));
    all.add(
        batch("the same batch again")
            .at(path -> path.replace("/y", "/x"))
            .json("{" + HELD + "}")
            .answers(200));
    all.add(
        batch("type in capitals")
            .at(path -> path.replace("/y", "/x"))
            .type("Application/JSON;Charset=\"UTF-8\"")
            .bytes(("{" + HELD + "}").getBytes(UTF_8))
            .answers(200));
    all.add(
        HostileRequest.of("all defaults again", "PATCH", "/runs/{run}")
            .type("application/merge-patch+json")
            .bytes(
                "{\"reward\":null,\"missing\":null,\"correctAt\":null,\"rewardMax\":null,\"batchesPerEpoch\":null,\"closedDataset\":null,\"tags\":{\"absent\":null}}"
                    .getBytes(UTF_8))
            .answers(200));
    for (String tag :
        List.of("garbage", "\"", "W/", "W/\"x", "\"" + "x".repeat(4_000) + "\"", ",,,")) {
      all.add(get("/runs/{run}/scores").header("If-None-Match: " + tag).answers(200));
    }
    all.add(get("/runs/{run}/scores").header("Range: bytes=0-5").answers(200));
    all.add(get("/runs/{run}/subset?top=1").header("Range: bytes=9-0,nonsense").answers(200));
    all.add(get("/runs/{run}/scores").header("If-Match: \"x\"").answers(200));
    all.add(get("/runs/{run}/scores").header("If-Modified-Since: yesterday").answers(200));
    all.add(get("/runs/{run}/scores").header("Accept-Encoding: br;q=9, nonsense").answers(200));
    all.add(get("/runs/{run}/subset?top=99999999999999999999").answers(200));
    all.add(get("/runs/{run}/subset?threshold=-1e308").answers(200));
    all.add(get("/runs/{run}/subset?threshold=1e-400").answers(200));
    all.add(get("/runs/{run}/subset?fraction=0.0000000000000000000000001").answers(200));
    all.add(get("/runs/{run}/subset?threshold=%2B.5e0").answers(200));
    all.add(get("/runs/{run}/scores?").answers(200));
    all.add(get("/runs/{run}/scores?&&").answers(200));
    all.add(
        get("/runs/{run}/scores?cursor=" + Cursor.encode("scores-score", "2000000000"))
            .answers(200));
    all.add(get("/runs?tag=a:b:c&tag=%25:%F0%9F%98%80").answers(200));
    all.add(HostileRequest.of("HEAD", "HEAD", "/runs/{run}/scores").answers(200));
    all.add(HostileRequest.of("OPTIONS", "OPTIONS", "/runs/{run}").answers(200));
    all.add(get("/runs/{run}").json("{\"a\":1}").answers(200));
    all.add(HostileRequest.raw("HTTP/1.0", "GET /api/v1/limits HTTP/1.0~~").answers(200));
    all.add(
        HostileRequest.raw("absolute", "GET http://localhost/api/v1/limits HTTP/1.1" + host + "~")
            .answers(200));
    all.add(
        HostileRequest.raw("a folded header", "GET /api/v1/limits HTTP/1.1" + host + "A: b~ c~~")
            .answers(200));
    all.add(
        HostileRequest.raw("bare line feeds", "GET /api/v1/limits HTTP/1.1\nHost: localhost\n\n")
            .answers(200));
    all.add(
        HostileRequest.raw("line feeds before", "~~GET /api/v1/limits HTTP/1.1" + host + "~")
            .answers(200));
    return all.stream();
  }

  @Test
  void aHeadOfWhatIsNotThereHasAProblemsHeadersAndNoBody() throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      Answer answer =
          connection.send(HostileRequest.of("", "HEAD", "/runs/none-" + unique).wire()).read(true);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      // nothing was sent that the next answer would be taken for
      answer = connection.send(HostileRequest.of("", "GET", "/limits").wire()).read(false);
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void aClientThatWaitsToBeAskedHearsTheProblemInPlaceOfContinue() throws IOException {
    String head =
        "PUT /api/v1/runs/{run}/epochs/0/batches/y HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n";
    try (RawConnection connection = new RawConnection(port)) {
      Answer answer = connection.send(fill(head).getBytes(UTF_8)).readAny(false);
      isProblem(answer, 400, PARAMETER);
    }
    try (RawConnection connection = new RawConnection(port)) {
      connection.send(fill(head).replace("/0/", "/4/").replace("1000000", "2").getBytes(UTF_8));
      assertThat(connection.readAny(false).status()).isEqualTo(100);
      isProblem(connection.send("{}".getBytes(UTF_8)).read(false), 422, CONTENT);
    }
  }

  @Test
  void ofManyFaultsTwentyAreNamedAndAllAreCounted() throws IOException {
    String values = "\"x\",".repeat(99) + "\"x\"";
    Answer answer =
        exchange(
            batch("100 faults")
                .json("{\"rewards\":[{\"sample\":\"a\",\"values\":[" + values + "]}]}")
                .fill(this::fill));
    JsonNode problem = isProblem(answer, 422, CONTENT);
    assertThat(problem.get("errors").size()).isEqualTo(20);
    assertThat(problem.get("errorCount").intValue()).isEqualTo(100);
    assertThat(problem.get("errors").get(19).get("pointer").stringValue())
        .isEqualTo("#/rewards/0/values/19");
  }

  @Test
  void numbersThatUnderflowAndNegativeZeroAreRewards() throws IOException {
    String run = "odd-" + unique;
    set("PUT", "/runs/" + run, "{\"dataset\":\"{data}\"}");
    set(
        "POST",
        "/runs/" + run + "/epochs/1/rewards",
        "{\"rewards\":[{\"sample\":\"a\",\"values\":[1e-400,-0,-0.0,1e-999999999,0e999999999,1E+0]}]}");
    Answer answer =
        exchange(HostileRequest.of("", "GET", "/runs/" + run + "/trajectories?sample=a"));
    JsonNode epoch = JSON.readTree(answer.body()).get("items").get(0).get("epochs").get(0);
    assertThat(epoch.get("rollouts").intValue()).isEqualTo(6);
    assertThat(epoch.get("reward").doubleValue()).isEqualTo(1 / 6.0);
    set("DELETE", "/runs/" + run, "{}");
  }

  private void isRefused(HostileRequest request) throws IOException {
    HostileRequest filled = request.fill(this::fill);
    Answer answer = exchange(filled);
    JsonNode problem = isProblem(answer, filled.status(), filled.type());
    if (filled.where() != null) {
      assertThat(problem.has("errors")).as(answer.text()).isTrue();
      assertThat(problem.get("errors"))
          .as(answer.text())
          .anyMatch(error ->
              error.has("pointer") && error.get("pointer").stringValue().equals(filled.where())
                  || error.has("parameter")
                      && error.get("parameter").stringValue().equals(filled.where()));
    }
    if (filled.says() != null) {
      assertThat(answer.text()).contains(filled.says());
    }
    if (!"GET".equals(filled.method())) {
      assertThat(snapshot()).isEqualTo(before);
    }
  }

  /** A status of 0 stands for any that says who is at fault: the client. */
  private static JsonNode isProblem(Answer answer, int status, @Nullable String type) {
    if (status == 0) {
      assertThat(answer.status()).as(answer.text()).isBetween(400, 505).isNotEqualTo(500);
    } else {
      assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").intValue()).isEqualTo(answer.status());
    assertThat(problem.get("type").stringValue()).startsWith("urn:lim:problem:");
    if (type != null) {
      assertThat(problem.get("type").stringValue()).isEqualTo("urn:lim:problem:" + type);
    }
    assertThat(problem.get("title").stringValue()).isNotBlank();
    assertThat(problem.get("detail").stringValue())
        .isNotBlank()
        .doesNotContainIgnoringCase("exception", "dev.lim", "java.", "<html");
    assertThat(answer.body().length).isLessThan(16_384);
    return problem;
  }

  private Answer exchange(HostileRequest request) throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      connection.send(request.wire());
      if (request.method() == null) {
        connection.end();
      }
      return connection.read("HEAD".equals(request.method()));
    }
  }

  /** All that a request could have changed, as the service answers it. */
  private String snapshot() throws IOException {
    StringBuilder all = new StringBuilder();
    try (RawConnection connection = new RawConnection(port)) {
      for (String path :
          List.of(
              "/runs?limit=1000",
              "/datasets?limit=1000",
              "/datasets/{data}/samples",
              "/runs/{run}",
              "/runs/{run}/scores",
              "/runs/{closed}",
              "/runs/{finished}",
              "/runs/{deleted}")) {
        Answer answer =
            connection.send(HostileRequest.of("", "GET", fill(path)).wire()).read(false);
        assertThat(answer.status()).isEqualTo(path.equals("/runs/{deleted}") ? 410 : 200);
        all.append(path).append(answer.text()).append('\n');
      }
    }
    return all.toString();
  }

  private void set(String method, String path, String body) throws IOException {
    HostileRequest request = HostileRequest.of("", method, fill(path));
    Answer answer =
        exchange(path.endsWith("/samples") ? request.ndjson(body) : request.json(fill(body)));
    assertThat(answer.status()).as(answer.text()).isIn(200, 201, 204);
  }

  private String fill(String text) {
    String filled = text;
    for (String name : List.of("run", "fresh", "closed", "finished", "deleted", "data")) {
      filled = filled.replace("{" + name + "}", name + "-" + unique);
    }
    return filled;
  }

  private static HostileRequest batch(String name) {
    return HostileRequest.of(name, "PUT", "/runs/{run}/epochs/4/batches/y");
  }

  private static HostileRequest content(String body, String pointer) {
    return batch(body.length() > 70 ? body.substring(0, 70) + "..." : body)
        .json(body)
        .is(422, CONTENT, pointer);
  }

  /** The third sample of a batch; the first is one that the dataset lacks. */
  private static HostileRequest sample(String sample, String pointer) {
    String others = "{\"sample\":\"new\",\"values\":[1]},{\"sample\":\"b\",\"values\":[1]},";
    return batch(sample.length() > 70 ? sample.substring(0, 70) + "..." : sample)
        .json("{\"rewards\":[" + others + sample + "]}")
        .is(422, CONTENT, "#/rewards/2" + pointer);
  }

  private static String twice(String id, String again) {
    String sample = "{\"sample\":%s,\"values\":[1]}";
    return "{\"rewards\":[" + sample.formatted(id) + "," + sample.formatted(again) + "]}";
  }

  private static String manyRollouts(int samples) {
    String values = "0,".repeat(4_095) + "0";
    StringBuilder body = new StringBuilder("{\"rewards\":[");
    for (int i = 0; i < samples; i++) {
      body.append(i == 0 ? "" : ",").append("{\"sample\":").append(i).append(",\"values\":[");
      body.append(values).append("]}");
    }
    return body.append("]}").toString();
  }

  private static HostileRequest whole(String name, int epoch, String query) {
    return HostileRequest.of(name, "POST", "/runs/{run}/epochs/" + epoch + "/rewards" + query);
  }

  private static HostileRequest finish(String name) {
    return HostileRequest.of(name, "POST", "/runs/{run}/finish");
  }

  private static HostileRequest attempt(String number, String body) {
    return HostileRequest.of("attempt " + number + body, "PUT", "/runs/{run}/attempts/" + number)
        .json(body);
  }

  private static HostileRequest slug(
      String parameter, String slug, String method, String path, @Nullable String body) {
    HostileRequest request = HostileRequest.of(method + " " + path, method, path);
    return (body == null ? request : request.json(body)).is(400, PARAMETER, parameter);
  }

  private static HostileRequest stream(String name) {
    return HostileRequest.of(name, "POST", "/runs/{run}/rewards");
  }

  /** A bad line after one that changes nothing. */
  private static HostileRequest second(String line, int status, String type) {
    return stream("line " + (line.length() > 70 ? line.substring(0, 70) + "..." : line))
        .ndjson(LINE + line + "\n" + LINE)
        .is(status, type)
        .saying("\"line\":2,\"committedLines\":1");
  }

  private static HostileRequest second(String line, int status, String type, String pointer) {
    return second(line, status, type).is(status, type, pointer).saying("\"line\":2,");
  }

  private static HostileRequest upload(String name) {
    return HostileRequest.of(name, "PUT", "/datasets/{data}/samples");
  }

  private static HostileRequest record(String record) {
    return upload("record " + (record.length() > 70 ? record.substring(0, 70) + "..." : record))
        .ndjson("{\"id\":\"b\"}\n" + record + "\n");
  }

  private static HostileRequest put(String name) {
    return HostileRequest.of("run: " + name, "PUT", "/runs/{fresh}");
  }

  private static HostileRequest get(String path) {
    return HostileRequest.of(path.length() > 90 ? path.substring(0, 90) : path, "GET", path);
  }

  private static String astral(int count) {
    return "n" + "\ud83d\ude00".repeat(count);
  }

  private static byte[] repeat(byte[] bytes, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  private static String hex(String bytes) {
    return HexFormat.of().formatHex(bytes.getBytes(ISO_8859_1));
  }
}
