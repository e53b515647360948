package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class CursorTests {

  @Test
  void givesBackThePositionThatItWasMadeOf() {
    for (String slug : List.of("0", "100", "a-run", "A.b_c-" + "9".repeat(122))) {
      Query query = query(Cursor.encode("runs", slug));
      assertThat(Cursor.of(query, "runs")).contains(slug);
      query.done();
    }
    for (int position : new int[] {0, 1, 1000, 1_999_999_999}) {
      Query query = query(Cursor.encode("scores-score", "" + position));
      assertThat(Cursor.position(query, "scores-score")).isEqualTo(position);
      query.done();
    }
  }

  @Test
  void isAbsentWhereNoneIsGiven() {
    Query query = Query.of(new MockHttpServletRequest());
    assertThat(Cursor.of(query, "runs")).isEmpty();
    assertThat(Cursor.position(query, "runs")).isZero();
    query.done();
  }

  @Test
  void isSafeInAQuery() {
    for (int i = 0; i < 1000; i++) {
      assertThat(Cursor.encode("scores", "" + i)).matches("[A-Za-z0-9_-]+");
    }
  }

  @Test
  void refusesWhatAnotherListingGave() {
    refused(Cursor.encode("scoresscore", "3"), "scores-score");
    refused(Cursor.encode("runs", "3"), "scores");
    refused(Cursor.encode("scores", "3"), "score");
  }

  @Test
  void refusesWhatSomebodyMadeUp() {
    String cursor = Cursor.encode("runs", "17");
    // the last character's spare bits say nothing
    for (int i = 0; i < cursor.length() - 1; i++) {
      char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
      refused(cursor.substring(0, i) + other + cursor.substring(i + 1), "runs");
      refused(cursor.substring(0, i), "runs");
    }
    for (String forged : new String[] {"", "x", "%%%", "runs 17", "!", "é", "A".repeat(10_000)}) {
      refused(forged, "runs");
    }
    for (String text : new String[] {"runs 17", "runs 17 0", "runs  0", "runs", " ", "runs "}) {
      refused(Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)), "runs");
    }
  }

  private static void refused(String cursor, String kind) {
    Query query = query(cursor);
    assertThat(Cursor.of(query, kind)).as(cursor).isEmpty();
    assertThatThrownBy(query::done)
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.type()).isEqualTo(ProblemType.INVALID_PARAMETER));
  }

  private static Query query(String cursor) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setParameter("cursor", cursor);
    return Query.of(request);
  }
}
