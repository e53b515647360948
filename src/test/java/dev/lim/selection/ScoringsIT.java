package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.run.RewardKind;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@IntegrationTest
class ScoringsIT {

  @Autowired Runs runs;
  @Autowired Scorings scorings;
  @LocalServerPort int port;

  /** As when a PATCH comes between the look at the run and the scoring. */
  @Test
  void aRunThatIsReadAnotherWaySinceIsScoredByItsNewSettings() {
    Http http = new Http(port);
    String run = "patched-" + UUID.randomUUID();
    for (int epoch = 1; epoch <= 2; epoch++) {
      http.post(
          "/runs/" + run + "/epochs/" + epoch + "/rewards",
          """
          {"rewards": [{"sample": "a", "values": [1, 0.5]}, {"sample": "b", "values": [0, 0]}]}\
          """);
    }
    RunState before = runs.get(run);
    http.exchange("PATCH", "/runs/" + run, "{\"correctAt\": 0.5}");
    ScoringParameters accuracy =
        new ScoringParameters(
            "lim",
            new OwnParameters(Map.of()),
            RewardKind.ACCURACY,
            null,
            null,
            null,
            1,
            null,
            null);
    Scored scored = scorings.score(before, accuracy);
    assertThat(scored.averages()).containsExactly(0.5, 0.5);
    assertThat(
            http.get("/runs/" + run + "/curve?reward=accuracy")
                .json()
                .get("items")
                .get(0)
                .get("averageReward")
                .doubleValue())
        .isEqualTo(0.5);
  }
}
