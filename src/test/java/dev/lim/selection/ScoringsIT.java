package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.run.RewardKind;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.scoring.MissingRule;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@IntegrationTest
class ScoringsIT {

  private static final String REWARDS =
      """
      {"rewards": [{"sample": "a", "values": [1, 0.5]}, {"sample": "b", "values": [0, 0]}]}\
      """;

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

  /** None of these changes a reward that the answer depends on. */
  @ParameterizedTest
  @EnumSource
  void whatCannotChangeAnAnswerDoesNotMakeItComputedAgain(MissingRule missing) {
    Http http = new Http(port);
    String run = "still-" + UUID.randomUUID();
    for (int epoch = 1; epoch <= 3; epoch++) {
      http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", REWARDS);
    }
    ScoringParameters parameters =
        new ScoringParameters(
            "lim", new OwnParameters(Map.of()), null, null, null, missing, 1, null, 2);
    Scored scored = scorings.score(runs.get(run), parameters);

    http.put("/runs/" + run + "/epochs/4/batches/more", REWARDS);
    sameScores(run, parameters, scored);
    http.put("/runs/" + run + "/epochs/4/batches/more", REWARDS.replace("0.5", "0.25"));
    sameScores(run, parameters, scored);
    http.delete("/runs/" + run + "/epochs/4/batches/more");
    sameScores(run, parameters, scored);
    http.post("/runs/" + run + "/epochs/3/complete", "");
    http.exchange("PATCH", "/runs/" + run, "{\"tags\": {\"seen\": \"yes\"}}");
    http.post("/runs/" + run + "/finish", "");
    sameScores(run, parameters, scored);
    http.put("/runs/" + run + "/attempts/2", "{\"afterEpoch\": 2}");
    sameScores(run, parameters, scored);

    http.put("/runs/" + run + "/attempts/3", "{\"afterEpoch\": 1}");
    http.exchange(
        "POST",
        "/runs/" + run + "/epochs/2/rewards",
        REWARDS.replace("0.5", "0.25"),
        "Lim-Attempt",
        "3");
    assertThat(scorings.score(runs.get(run), parameters).scores().scores())
        .isNotEqualTo(scored.scores().scores());
  }

  private void sameScores(String run, ScoringParameters parameters, Scored expected) {
    Scored scored = scorings.score(runs.get(run), parameters);
    assertThat(scored.state().revision()).isGreaterThan(expected.state().revision());
    assertThat(scored.scores().scores()).isSameAs(expected.scores().scores());
    assertThat(scored.ranking()).isSameAs(expected.ranking());
  }
}
