package dev.lim.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@IntegrationTest
class ReproducibilityIT {

  private static final int SAMPLES = 300;
  private static final int EPOCHS = 20;

  @LocalServerPort int port;

  private Http http;
  private final String run = "luck-" + UUID.randomUUID();

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  /**
   * Known curves: whole runs that differ in luck only are simulated and held against each other;
   * from one run alone the service must see how far they agree.
   */
  @Test
  void whatOneRunTellsOfItsLuckIsWhatWholeRunsShow() {
    long seed = 20261124;
    System.out.println("simulated with seed " + seed);
    Random random = new Random(seed);
    double[][] curves = new double[EPOCHS][SAMPLES];
    for (int sample = 0; sample < SAMPLES; sample++) {
      double difficulty = 3 * random.nextGaussian();
      double learning = 1 + 4 * random.nextDouble();
      for (int k = 0; k < EPOCHS; k++) {
        curves[k][sample] = 1 / (1 + Math.exp(-(difficulty - 1 + learning * k / EPOCHS)));
      }
    }
    List<Set<String>> subsets = new ArrayList<>();
    double estimate = 0;
    for (int i = 0; i < 8; i++) {
      for (int k = 0; k < EPOCHS; k++) {
        http.post(
            "/runs/" + run + i + "/epochs/" + (k + 1) + "/rewards", rewards(random, curves[k]));
      }
      Set<String> subset = new HashSet<>();
      http.get("/runs/" + run + i + "/subset?top=140&format=ids")
          .json()
          .forEach(id -> subset.add(id.stringValue()));
      subsets.add(subset);
      estimate +=
          http.get("/runs/" + run + i + "/reproducibility?top=140&limit=1")
                  .json()
                  .get("jaccard")
                  .get("mean")
                  .doubleValue()
              / 8;
    }
    double truth = 0;
    for (int i = 1; i < 8; i++) {
      for (int j = 0; j < i; j++) {
        Set<String> shared = new HashSet<>(subsets.get(i));
        shared.retainAll(subsets.get(j));
        truth += shared.size() / (280.0 - shared.size()) / 28;
      }
    }
    System.out.printf("whole runs share %.3f, one run tells %.3f%n", truth, estimate);
    assertThat(truth).isBetween(0.8, 0.95);
    assertThat(estimate).isCloseTo(truth, within(0.02));
  }

  private static String rewards(Random random, double[] chances) {
    StringBuilder body = new StringBuilder("{\"rewards\":[");
    for (int sample = 0; sample < chances.length; sample++) {
      body.append(sample == 0 ? "" : ",").append("{\"sample\":\"s").append(sample);
      body.append("\",\"values\":[");
      for (int rollout = 0; rollout < 8; rollout++) {
        body.append(rollout == 0 ? "" : ",").append(random.nextDouble() < chances[sample] ? 1 : 0);
      }
      body.append("]}");
    }
    return body.append("]}").toString();
  }

  /** Batches, order of arrival and run differ; the samples' rollouts are the same. */
  @Test
  void luckDoesNotDependOnWhoPostedFirst() {
    Random random = new Random(7);
    String[] values = {"0", "1", "0.5", "0.25", "0.125", "-1", "0.75", "2", "0.3"};
    for (int kinds : new int[] {2, 9}) {
      List<String[]> cells = new ArrayList<>();
      for (int epoch = 1; epoch <= 4; epoch++) {
        for (int sample = 0; sample < 30; sample++) {
          List<String> cell = new ArrayList<>();
          for (int rollout = 0; rollout < 4; rollout++) {
            cell.add(values[random.nextInt(kinds)]);
          }
          cells.add(
              new String[] {
                "" + epoch,
                "s" + sample,
                cell.get(0) + "," + cell.get(1),
                cell.get(2) + "," + cell.get(3)
              });
        }
      }
      String query = "/reproducibility?top=10&limit=1000&replicates=50&missing=observed";
      List<String> answers = new ArrayList<>();
      for (String name : List.of("-a" + kinds, "-b" + kinds)) {
        boolean first = name.startsWith("-a");
        Collections.shuffle(cells, random);
        for (int part : first ? new int[] {2, 3} : new int[] {3, 2}) {
          for (int epoch : first ? new int[] {1, 2, 3, 4} : new int[] {3, 1, 4, 2}) {
            StringBuilder body = new StringBuilder();
            for (String[] cell : cells) {
              if (cell[0].equals("" + epoch)) {
                body.append(body.isEmpty() ? "" : ",")
                    .append("{\"sample\":\"" + cell[1] + "\",\"values\":[" + cell[part] + "]}");
              }
            }
            http.put(
                "/runs/" + run + name + "/epochs/" + epoch + "/batches/part-" + part,
                "{\"rewards\":[" + body + "]}");
          }
        }
        // A batch that is taken back leaves no trace.
        http.put(
            "/runs/" + run + name + "/epochs/1/batches/wrong",
            "{\"rewards\":[{\"sample\":\"s1\",\"values\":[0.9, 0.8, 0.7, 0.6]}]}");
        http.delete("/runs/" + run + name + "/epochs/1/batches/wrong");
        JsonNode answer = http.get("/runs/" + run + name + query).json();
        answers.add(answer.get("jaccard").toString() + answer.get("items"));
        assertThat(answer.get("jaccard").get("mean").doubleValue()).isBetween(0.05, 0.999);
      }
      assertThat(answers.get(0)).isEqualTo(answers.get(1));
    }
  }

  @Test
  void theSameSeedIsTheSameLuckAndAnotherIsOther() {
    Random random = new Random(3);
    double[] chances = random.doubles(60).toArray();
    for (int epoch = 1; epoch <= 3; epoch++) {
      http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", rewards(random, chances));
    }
    String path = "/runs/" + run + "/reproducibility?top=20&replicates=30&seed=";
    String one = http.get(path + "1").text();
    assertThat(http.get(path + "1").text()).isEqualTo(one);
    assertThat(http.get(path + "2").json().get("jaccard"))
        .isNotEqualTo(http.get(path + "1").json().get("jaccard"));
    // solved=some and strategies that draw take part too.
    for (String more :
        new String[] {
          "1&solved=some", "1&reward=accuracy", "1&strategy=random", "1&missing=observed"
        }) {
      double mean = http.get(path + more).json().get("jaccard").get("mean").doubleValue();
      assertThat(mean).as(more).isBetween(0.1, 1.0);
      if (more.contains("random")) {
        assertThat(mean).isEqualTo(1);
      }
    }
  }

  @Test
  void aSingleRolloutShowsNothingOfLuckAndTheUserIsTold() {
    String body =
        "{\"rewards\":[{\"sample\":\"a\",\"values\":[1]},{\"sample\":\"b\",\"values\":[0]}]}";
    http.post("/runs/" + run + "/epochs/1/rewards", body);
    JsonNode answer = http.get("/runs/" + run + "/reproducibility?top=1").json();
    assertThat(answer.get("jaccard").get("mean").doubleValue()).isEqualTo(1);
    assertThat(answer.get("single").intValue()).isEqualTo(2);
    assertThat(answer.get("text").stringValue()).contains("single rollout");
  }

  @Test
  void aRunWithoutRewardsHasAnEmptySubset() {
    http.put("/runs/" + run, "{}");
    JsonNode answer = http.get("/runs/" + run + "/reproducibility?top=5").json();
    assertThat(answer.get("jaccard").get("mean").doubleValue()).isEqualTo(1);
    assertThat(answer.get("items")).isEmpty();
  }

  @Test
  void whatIsWrongIsRefusedByName() {
    http.put("/runs/" + run, "{}");
    for (String[] call :
        new String[][] {
          {"", "threshold"},
          {"top=5&replicates=1", "replicates"},
          {"top=5&replicates=1001", "replicates"},
          {"top=5&replicates=ten", "replicates"},
          {"top=5&seed=1.5", "seed"},
          {"top=5&seed=99999999999999999999", "seed"},
          {"top=5&cursor=abc", "cursor"},
          {"top=5&limit=0", "limit"},
          {"top=5&inclusion=true", "inclusion"}
        }) {
      Answer answer = http.exchange("GET", "/runs/" + run + "/reproducibility?" + call[0], "");
      assertThat(answer.status()).as(call[0]).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("parameter").stringValue())
          .isEqualTo(call[1]);
    }
  }
}
