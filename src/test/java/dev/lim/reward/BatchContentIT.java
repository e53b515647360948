package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** How the body of a batch is read. */
@IntegrationTest
class BatchContentIT {

  @Autowired JdbcClient jdbc;
  @LocalServerPort int port;

  private final String run = "content-" + UUID.randomUUID();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"rewards": []}                                                          | #/rewards
          {}                                                                       | #/rewards
          {"rewards": 3}                                                           | #/rewards
          []                                                                       | #
          {"step": 0, "rewards": [{"sample": "a", "values": [1]}]}                 | #/step
          {"step": 1.5, "rewards": [{"sample": "a", "values": [1]}]}               | #/step
          {"step": 1, "step": 1, "rewards": [{"sample": "a", "values": [1]}]}      | #/step
          {"epoch": 1, "rewards": [{"sample": "a", "values": [1]}]}                | #/epoch
          {"a/b~c": 1, "rewards": [{"sample": "a", "values": [1]}]}                | #/a~1b~0c
          {"rewards": [1]}                                                         | #/rewards/0
          {"rewards": [{"sample": "a", "values": [1]}, {"values": [1]}]}           | #/rewards/1/sample
          {"rewards": [{"sample": "a"}]}                                           | #/rewards/0/values
          {"rewards": [{"sample": "a", "values": []}]}                             | #/rewards/0/values
          {"rewards": [{"sample": "a", "values": [1, 2, "3"]}]}                    | #/rewards/0/values/2
          {"rewards": [{"sample": "a", "values": [null]}]}                         | #/rewards/0/values/0
          {"rewards": [{"sample": "a", "values": [[1]]}]}                          | #/rewards/0/values/0
          {"rewards": [{"sample": "a", "values": [0, 1e400]}]}                     | #/rewards/0/values/1
          {"rewards": [{"sample": "a", "values": [3.5e38]}]}                       | #/rewards/0/values/0
          {"rewards": [{"sample": "a", "values": [1]}, {"sample": "a", "values": [1]}]} | #/rewards/1/sample
          {"rewards": [{"sample": 7, "values": [1]}, {"sample": "7", "values": [1]}]}   | #/rewards/1/sample
          {"rewards": [{"sample": "", "values": [1]}]}                             | #/rewards/0/sample
          {"rewards": [{"sample": 1.5, "values": [1]}]}                            | #/rewards/0/sample
          {"rewards": [{"sample": "a", "values": [1], "step": 3}]}                 | #/rewards/0/step
          """)
  void wrongContentIsRefusedByItsPlace(String body, String pointer) {
    Answer answer = new Http(port).exchange("PUT", "/runs/" + run + "/epochs/1/batches/x", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().get("errors").valueStream().map(e -> e.get("pointer").stringValue()))
        .containsExactly(pointer);
    assertThat(new Http(port).exchange("GET", "/runs/" + run, "").status()).isEqualTo(404);
  }

  @Test
  void allThatIsWrongIsCountedAndTwentyAreShown() {
    StringBuilder body = new StringBuilder("{\"rewards\": [");
    for (int i = 0; i < 30; i++) {
      body.append(i == 0 ? "" : ",").append("{\"sample\": ").append(i).append(", \"values\": [x]}");
    }
    String bad = body.append("]}").toString().replace("[x]", "[true]");
    JsonNode problem =
        new Http(port).exchange("PUT", "/runs/" + run + "/epochs/1/batches/x", bad).json();
    assertThat(problem.get("errors").size()).isEqualTo(20);
    assertThat(problem.get("errorCount").intValue()).isEqualTo(30);
  }

  /** However many digits they have: rounding to double first would round twice. */
  @Test
  void rewardsAreTheNearestFloat32OfTheDecimalAsWritten() {
    Random random = new Random(Seed.of(getClass()));
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (!Float.isFinite(value) || !Float.isFinite(Math.nextUp(value))) {
        continue;
      }
      BigDecimal half =
          new BigDecimal(value)
              .add(new BigDecimal(Math.nextUp(value)))
              .divide(BigDecimal.valueOf(2));
      BigDecimal hair = half.ulp().movePointLeft(3);
      for (BigDecimal decimal : List.of(half, half.add(hair), half.subtract(hair))) {
        written.add(decimal.toString());
      }
      written.add(Double.toString(random.nextGaussian()));
    }
    for (int i = 0; i < 500; i++) {
      BigInteger half =
          BigInteger.valueOf((1 << 24) + 1 + 2L * random.nextInt(1 << 22))
              .shiftLeft(random.nextInt(40, 80));
      written.add(half.toString());
      written.add(half.add(BigInteger.ONE).toString());
      written.add(half.subtract(BigInteger.ONE).toString());
    }
    int portion = 500;
    for (int from = 0; from < written.size(); from += portion) {
      List<String> values = written.subList(from, Math.min(written.size(), from + portion));
      new Http(port)
          .put(
              "/runs/" + run + "/epochs/1/batches/" + from,
              "{\"rewards\": [{\"sample\": \"a\", \"values\": " + values + "}]}");
      List<Float> taken =
          jdbc.sql("select reward from rollout where run = ? and batch = ? order by rollout")
              .params(run, "" + from)
              .query(Float.class)
              .list();
      assertThat(taken).hasSameSizeAs(values);
      for (int i = 0; i < values.size(); i++) {
        assertThat(taken.get(i)).as(values.get(i)).isEqualTo(Float.parseFloat(values.get(i)));
      }
    }
  }

  @Test
  void idsAreTextAndIntegersTheirDecimalText() {
    Http http = new Http(port);
    http.put(
        "/runs/" + run + "/epochs/1/batches/x",
        """
        {"rewards": [{"sample": 7, "values": [1]}, {"values": [1], "sample": "\\u00e9"},
         {"sample": -0, "values": [1]}, {"sample": "😀", "values": [1]},
         {"sample": 123456789012345678901234567890, "values": [1]}, {"sample": "07", "values": [1]}]}\
        """);
    assertThat(
            jdbc.sql("select sample from rollout where run = ? order by sample")
                .param(run)
                .query(String.class)
                .list())
        .containsExactly("0", "07", "123456789012345678901234567890", "7", "é", "😀");
  }
}
