package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** The same parameters, from a query and from a body. */
class QueryTests {

  @Test
  void readsTheSameFromAQueryAndFromABody() {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setParameter("strategy", "lim");
    request.setParameter("through", "44");
    request.setParameter("top", "99999999999999999999");
    request.setParameter("fraction", "0.07");
    request.setParameter("threshold", "6e-1");
    request.setParameter("correctAt", "0.7");
    request.setParameter("seed", "-9223372036854775808");
    request.setParameter("force", "true");
    request.setParameter("sample", "a", "7");
    readsAll(Query.of(request));
    readsAll(
        body(
            """
            {"strategy": "lim", "through": 44, "top": 99999999999999999999, "fraction": 0.07, "threshold": 6e-1,
             "correctAt": 0.7, "seed": -9223372036854775808, "force": true, "sample": ["a", 7]}
            """));
  }

  private static void readsAll(Query query) {
    assertThat(query.text("strategy")).contains("lim");
    assertThat(query.whole("through", 1, 10_000)).isEqualTo(OptionalInt.of(44));
    assertThat(query.count("top", 1)).isEqualTo(OptionalInt.of(Integer.MAX_VALUE));
    assertThat(query.decimal("fraction").map(Object::toString)).contains("0.07");
    assertThat(query.number("threshold")).isEqualTo(OptionalDouble.of(0.6));
    assertThat(query.float32("correctAt")).contains(0.7f);
    assertThat(query.whole64("seed")).isEqualTo(OptionalLong.of(Long.MIN_VALUE));
    assertThat(query.flag("force")).isTrue();
    assertThat(query.texts("sample")).containsExactly("a", "7");
    assertThat(query.has("fraction")).isTrue();
    assertThat(query.has("solved")).isFalse();
    assertThat(query.text("solved")).isEmpty();
    query.done();
  }

  @Test
  void takesNullInABodyForTheDefault() {
    Query query =
        body("{\"threshold\": null, \"strategy\": null, \"seed\": null, \"sample\": null}");
    assertThat(query.has("threshold")).isFalse();
    assertThat(query.decimal("threshold")).isEmpty();
    assertThat(query.text("strategy")).isEmpty();
    assertThat(query.whole64("seed")).isEmpty();
    assertThat(query.texts("sample")).isEmpty();
    query.done();
  }

  @Test
  void leavesTheRestOfABodyToOthers() {
    JsonObject body = object("{\"name\": \"final\", \"top\": 5}");
    assertThat(body.text("name")).contains("final");
    Query query = Query.of(body);
    query.count("top", 1);
    query.done();
  }

  @Test
  void namesWhatIsWrongInABodyByPointer() {
    for (String number : List.of("\"0.6\"", "true", "[0.6]", "{\"a\": \"b\"}", "1e400", "-1e400")) {
      Query query = body("{\"threshold\": " + number + "}");
      assertThat(query.decimal("threshold")).as(number).isEmpty();
      refused(query, "#/threshold", "must be a finite decimal number");
    }
    for (String whole : List.of("0", "-1", "10001", "1.0", "1e2", "\"3\"", "1" + "0".repeat(30))) {
      Query query = body("{\"through\": " + whole + "}");
      assertThat(query.whole("through", 1, 10_000)).as(whole).isEmpty();
      refused(query, "#/through", "must be a whole number from 1 to 10000");
    }
    for (String whole : List.of("9223372036854775808", "-9223372036854775809", "0.5", "\"1\"")) {
      Query query = body("{\"seed\": " + whole + "}");
      assertThat(query.whole64("seed")).as(whole).isEmpty();
      refused(query, "#/seed", "must be a whole number that fits 64 bits");
    }
    Query flag = body("{\"force\": \"true\"}");
    assertThat(flag.flag("force")).isFalse();
    refused(flag, "#/force", "must be true or false");
    Query text = body("{\"strategy\": 7}");
    assertThat(text.choice("strategy", Optional::of, "lim")).isEmpty();
    refused(text, "#/strategy", "must be a text");
    Query list = body("{\"sample\": [\"a\", null]}");
    list.texts("sample");
    refused(list, "#/sample/1", "must be a text");
    Query single = body("{\"sample\": \"a\"}");
    single.texts("sample");
    refused(single, "#/sample", "must be a list of texts");
    Query own = body("{\"a/b~c\": 1}");
    own.reject("a/b~c", "is not wanted");
    own.text("other");
    ProblemException problem = catchThrowableOfType(ProblemException.class, own::done);
    assertThat(problem.violations())
        .containsExactly(
            Violation.at("#/a~1b~0c", "is not wanted"),
            Violation.at("#/a~1b~0c", "is not a field of this body"));
  }

  @Test
  void namesWhatTurnsOutToBeWrongLaterAsWell() {
    Query body = body("{\"through\": 9}");
    body.whole("through", 1, 10);
    body.done();
    ProblemException late =
        catchThrowableOfType(
            ProblemException.class,
            () ->
                body.use(() -> {
                  throw ProblemException.parameter("through", "is beyond 3");
                }));
    assertThat(late.type()).isEqualTo(ProblemType.INVALID_CONTENT);
    assertThat(late.violations()).containsExactly(Violation.at("#/through", "is beyond 3"));
    ProblemException another =
        catchThrowableOfType(
            ProblemException.class,
            () ->
                body.use(() -> {
                  throw new ProblemException(ProblemType.RUN_NOT_FOUND, "none");
                }));
    assertThat(another.type()).isEqualTo(ProblemType.RUN_NOT_FOUND);
    assertThat(body.use(() -> 1)).isEqualTo(1);
  }

  private static void refused(Query query, String pointer, String detail) {
    ProblemException problem = catchThrowableOfType(ProblemException.class, query::done);
    assertThat(problem.type()).isEqualTo(ProblemType.INVALID_CONTENT);
    assertThat(problem.violations()).containsExactly(Violation.at(pointer, detail));
  }

  private static Query body(String json) {
    return Query.of(object(json));
  }

  private static JsonObject object(String json) {
    return JsonObject.parse(json.getBytes(StandardCharsets.UTF_8), 64);
  }
}
