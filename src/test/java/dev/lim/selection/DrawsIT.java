package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.LimServer;
import dev.lim.TestDatabase;
import dev.lim.reward.RecentSteps;
import dev.lim.run.Runs;
import dev.lim.web.Limits;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import tools.jackson.databind.JsonNode;

/** Draws, over HTTP. Seeds are fixed and in the messages, so that no luck is in the results. */
@IntegrationTest
class DrawsIT {

  private static final int DRAWS = 100_000;

  @LocalServerPort int port;
  @Autowired Runs runs;
  @Autowired Scorings scorings;
  @Autowired Strategies strategies;
  @Autowired Limits limits;
  @Autowired RecentSteps steps;

  private Http http;
  private String run;

  @BeforeEach
  void connect() {
    http = new Http(port);
    run = "draws-" + UUID.randomUUID();
  }

  @Test
  void aHundredThousandDrawsWithReplacementFollowTheWeights() {
    makeRun(run, samples(40), new Random(1));
    long seed = 7;
    JsonNode draw =
        draw(
            "{\"size\": %d, \"strategy\": \"pools\", \"hardWeight\": 0.3, \"replacement\": true, \"seed\": %d}"
                .formatted(DRAWS, seed));
    assertThat(draw.get("size").intValue()).isEqualTo(DRAWS);
    Map<String, Integer> counts = new TreeMap<>();
    Map<String, Double> weights = new TreeMap<>();
    for (JsonNode item : draw.get("items")) {
      counts.merge(item.get("sample").stringValue(), 1, Integer::sum);
      weights.put(item.get("sample").stringValue(), item.get("weight").doubleValue());
    }
    assertThat(new TreeSet<>(weights.values())).hasSizeGreaterThan(1);
    assertThat(counts).hasSize(draw.get("candidates").intValue());
    double sum = weights.values().stream().mapToDouble(w -> w).sum();
    double chiSquared = 0;
    for (String sample : counts.keySet()) {
      double wanted = DRAWS * weights.getOrDefault(sample, Double.NaN) / sum;
      chiSquared += Math.pow(counts.getOrDefault(sample, 0) - wanted, 2) / wanted;
    }
    follows(chiSquared, counts.size() - 1, "with replacement, seed " + seed);
  }

  /** Pairs drawn one after another: (i, j) with w_i / W * w_j / (W - w_i). */
  @Test
  void aHundredThousandDrawsWithoutReplacementFollowTheWeightsOfThoseLeft() {
    makeRun(run, samples(9), new Random(3));
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setParameter("strategy", "greso");
    request.setParameter("hardKeep", "0.3");
    Scored scored =
        scorings.score(runs.get(run), ScoringParameters.of(Query.of(request), limits, strategies));
    int rows = scored.matrix().rows();
    int[][] counts = new int[rows][rows];
    double[] weights = new double[rows];
    for (long seed = 0; seed < DRAWS; seed++) {
      Draw draw = Draw.of(scored, new BitSet(), 2, false, seed);
      counts[draw.rows()[0]][draw.rows()[1]]++;
      weights = draw.weights();
    }
    assertThat(Arrays.stream(weights).distinct().count()).isGreaterThan(1);
    double sum = Arrays.stream(weights).sum();
    double chiSquared = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        if (i != j) {
          double wanted = DRAWS * weights[i] / sum * weights[j] / (sum - weights[i]);
          chiSquared += Math.pow(counts[i][j] - wanted, 2) / wanted;
        }
      }
    }
    follows(chiSquared, rows * (rows - 1) - 1, "without replacement, seeds from 0");
  }

  /** The critical value for one in a thousand, by Wilson and Hilferty's approximation. */
  private static void follows(double chiSquared, int freedom, String what) {
    double threshold =
        freedom * Math.pow(1 - 2.0 / (9 * freedom) + 3.0902 * Math.sqrt(2.0 / (9 * freedom)), 3);
    System.out.printf(
        "%s: chi-squared %.1f, %d degrees of freedom, threshold %.1f%n",
        what, chiSquared, freedom, threshold);
    assertThat(chiSquared).as(what).isLessThan(threshold);
  }

  @Test
  void theSameSeedAndRevisionGiveTheSameDrawOnAnotherInstance() {
    makeRun(run, samples(200), new Random(5));
    TestDatabase database = TestDatabase.shared();
    try (ConfigurableApplicationContext other =
        new SpringApplicationBuilder(LimServer.class)
            .run(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password())) {
      Http there =
          new Http(other.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
      for (String strategy : List.of("pools", "mopps", "plr", "random", "lim")) {
        for (boolean replacement : new boolean[] {false, true}) {
          String body =
              "{\"size\": 50, \"strategy\": \"%s\", \"seed\": 11, \"replacement\": %s}"
                  .formatted(strategy, replacement);
          Answer here = http.post("/runs/" + run + "/draws", body);
          assertThat(there.post("/runs/" + run + "/draws", body).text()).isEqualTo(here.text());
          assertThat(http.post("/runs/" + run + "/draws", body).text()).isEqualTo(here.text());
        }
      }
    }
  }

  @Test
  void aDrawDoesNotDependOnTheOrderInWhichSamplesWerePosted() {
    List<String> samples = samples(60);
    makeRun(run, samples, new Random(6));
    String other = "draws-" + UUID.randomUUID();
    List<String> shuffled = new ArrayList<>(samples);
    Collections.shuffle(shuffled, new Random(7));
    // A dataset that holds others, too: other ordinals.
    http.exchange("PUT", "/runs/" + other, "{\"dataset\": \"" + other + "-data\"}");
    http.post(
        "/runs/other-" + other + "/epochs/1/rewards",
        "{\"rewards\": [{\"sample\": \"zz\", \"values\": [1]}]}");
    makeRun(other, shuffled, new Random(6));
    for (String strategy : List.of("pools", "mopps", "plr", "greso", "bots")) {
      for (boolean replacement : new boolean[] {false, true}) {
        String body =
            "{\"size\": 30, \"strategy\": \"%s\", \"seed\": 11, \"replacement\": %s}"
                .formatted(strategy, replacement);
        assertThat(http.post("/runs/" + other + "/draws", body).json().get("items"))
            .isEqualTo(http.post("/runs/" + run + "/draws", body).json().get("items"));
      }
    }
  }

  @Test
  void aSmallerDrawIsTheBeginningOfALargerOne() {
    makeRun(run, samples(80), new Random(8));
    for (String replacement : List.of("false", "true")) {
      String body =
          "{\"size\": %d, \"strategy\": \"pools\", \"seed\": -3, \"replacement\": "
              + replacement
              + "}";
      List<String> large = ids(draw(body.formatted(60)));
      assertThat(ids(draw(body.formatted(10)))).isEqualTo(large.subList(0, 10));
      assertThat(ids(draw(body.replace("-3", "-4").formatted(10))))
          .isNotEqualTo(large.subList(0, 10));
    }
  }

  @Test
  void withoutReplacementNobodyIsDrawnTwiceAndAllThereAreIsGivenForMore() {
    makeRun(run, samples(30), new Random(9));
    JsonNode draw =
        draw("{\"size\": 1000, \"strategy\": \"pools\", \"hardWeight\": 0, \"seed\": 1}");
    List<String> ids = ids(draw);
    assertThat(ids).doesNotHaveDuplicates().hasSize(draw.get("candidates").intValue());
    assertThat(draw.get("size").intValue()).isEqualTo(ids.size());
    assertThat(ids.size()).isBetween(1, 29);
    JsonNode none =
        draw(
            "{\"size\": 5, \"strategy\": \"pools\", \"hardWeight\": 0, \"normalWeight\": 0,"
                + " \"easyWeight\": 0, \"replacement\": true, \"seed\": 1}");
    assertThat(none.get("size").intValue()).isZero();
    assertThat(none.get("candidates").intValue()).isZero();
    assertThat(none.get("items")).isEmpty();
  }

  @Test
  void aRunWithoutRewardsHasNothingToDraw() {
    http.put("/runs/" + run, "{}");
    JsonNode draw =
        draw(
            "{\"size\": 5, \"strategy\": \"pools\", \"exclude\": {\"lastEpochs\": 1, \"lastSteps\": 1, \"sinceEpoch\": 1}}");
    assertThat(draw.get("items")).isEmpty();
    assertThat(draw.get("revision").longValue()).isEqualTo(0);
  }

  @Test
  void withoutASeedOneIsTakenByChanceAndTold() {
    makeRun(run, samples(100), new Random(10));
    JsonNode one = draw("{\"size\": 20, \"strategy\": \"mopps\"}");
    JsonNode other = draw("{\"size\": 20, \"strategy\": \"mopps\"}");
    assertThat(one.get("seed")).isNotEqualTo(other.get("seed"));
    assertThat(ids(one)).isNotEqualTo(ids(other));
    JsonNode again =
        draw("{\"size\": 20, \"strategy\": \"mopps\", \"seed\": " + one.get("seed") + "}");
    assertThat(again).isEqualTo(one);
  }

  @Test
  void whatWasTrainedOnLatelyIsExcluded() {
    // Epoch 1: a to d in steps 1 and 2; epoch 3: a and b in step 3; c in step 4.
    step(1, 1, "a", "b");
    step(1, 2, "c", "d");
    step(3, 3, "a", "b");
    step(3, 4, "c");
    String body =
        "{\"size\": 10, \"strategy\": \"pools\", \"seed\": 1, \"through\": 3, \"exclude\": %s}";
    Map<String, List<String>> left = new HashMap<>();
    left.put("{\"lastEpochs\": 1}", List.of("d"));
    left.put("{\"lastEpochs\": 2}", List.of());
    left.put("{\"sinceEpoch\": 1}", List.of());
    left.put("{\"sinceEpoch\": 2}", List.of("d"));
    left.put("{\"sinceEpoch\": 4}", List.of("a", "b", "c", "d"));
    left.put("{\"lastSteps\": 1}", List.of("a", "b", "d"));
    left.put("{\"lastSteps\": 2}", List.of("d"));
    left.put("{\"lastSteps\": 3}", List.of());
    left.put("{\"lastSteps\": 100}", List.of());
    left.put("{\"samples\": [\"a\", \"no such\"]}", List.of("b", "c", "d"));
    left.put("{\"lastSteps\": 1, \"samples\": [\"d\"]}", List.of("a", "b"));
    left.put("{}", List.of("a", "b", "c", "d"));
    left.put("null", List.of("a", "b", "c", "d"));
    left.forEach((exclude, wanted) -> {
      JsonNode draw = draw(body.formatted(exclude));
      assertThat(ids(draw)).as(exclude).containsExactlyInAnyOrderElementsOf(wanted);
      assertThat(draw.get("excluded").intValue()).as(exclude).isEqualTo(4 - wanted.size());
    });
    // A batch that was taken back was not trained on.
    http.delete("/runs/" + run + "/epochs/3/batches/step-4");
    assertThat(ids(draw(body.formatted("{\"lastSteps\": 1}")))).containsExactlyInAnyOrder("c", "d");
  }

  @Test
  void stepsThatNoBatchHasCannotBeExcluded() {
    makeRun(run, samples(3), new Random(1));
    Answer answer =
        refused(422, "{\"size\": 1, \"exclude\": {\"lastSteps\": 1}}", "#/exclude/lastSteps");
    assertThat(answer.problem()).isEqualTo("invalid-content");
  }

  @Test
  void aRunThatIsNotThereIsSaidSo() {
    assertThat(http.exchange("POST", "/runs/" + run + "/draws", "{\"size\": 1}").status())
        .isEqualTo(404);
    makeRun(run, samples(3), new Random(1));
    http.delete("/runs/" + run);
    assertThat(http.exchange("POST", "/runs/" + run + "/draws", "{\"size\": 1}").status())
        .isEqualTo(410);
  }

  @Test
  void stepsOfARunThatWasDeletedMeanwhileAreNotSaidToBeMissing() {
    step(1, 1, "a", "b");
    MockHttpServletRequest request = new MockHttpServletRequest();
    Scored scored =
        scorings.score(runs.get(run), ScoringParameters.of(Query.of(request), limits, strategies));
    Exclusion exclusion = new Exclusion(null, null, 1L, List.of());
    http.delete("/runs/" + run);
    assertThatThrownBy(() -> exclusion.rows(scored, steps))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.RUN_DELETED));
  }

  @Test
  void halfACharacterIsNobodysId() {
    step(1, 1, "?", "b");
    String body =
        "{\"size\": 5, \"strategy\": \"pools\", \"exclude\": {\"samples\": [\"\\ud800\"]}}";
    assertThat(ids(draw(body))).containsExactlyInAnyOrder("?", "b");
  }

  /** Weights of which one is 10^600 times the other; those that are left are drawn by chance. */
  @Test
  void weightsFarApartAreStillDrawnByChance() {
    makeRun(run, samples(60), new Random(11));
    String body =
        "{\"size\": 60, \"strategy\": \"pools\", \"hardWeight\": 1e300, \"normalWeight\": 1e-300,"
            + " \"easyWeight\": 1e-300, \"seed\": %d}";
    JsonNode one = draw(body.formatted(1));
    List<String> light = light(one);
    assertThat(light).hasSizeGreaterThan(10);
    assertThat(ids(one).subList(60 - light.size(), 60)).isEqualTo(light);
    assertThat(light(draw(body.formatted(2)))).isNotEqualTo(light).hasSameElementsAs(light);
  }

  private static List<String> light(JsonNode draw) {
    return draw.get("items")
        .valueStream()
        .filter(item -> item.get("weight").doubleValue() < 1)
        .map(item -> item.get("sample").stringValue())
        .toList();
  }

  @Test
  void whatIsWrongInABodyIsNamed() {
    makeRun(run, samples(5), new Random(1));
    Map<String, String> wrong = new HashMap<>();
    wrong.put("{}", "#/size");
    wrong.put("{\"size\": null}", "#/size");
    for (String size :
        List.of("0", "-1", "1.5", "\"8\"", "1000001", "1e3", "99999999999999999999", "[8]", "{}")) {
      wrong.put("{\"size\": " + size + "}", "#/size");
    }
    Map<String, String> fields = new HashMap<>();
    fields.put("\"seed\": 1.5", "#/seed");
    fields.put("\"seed\": 9223372036854775808", "#/seed");
    fields.put("\"seed\": \"1\"", "#/seed");
    fields.put("\"strategy\": \"nothing\"", "#/strategy");
    fields.put("\"strategy\": 1", "#/strategy");
    fields.put("\"hardAt\": 0.5", "#/hardAt");
    fields.put("\"strategy\": \"pools\", \"hardWeight\": -1", "#/hardWeight");
    fields.put("\"strategy\": \"plr\", \"over\": \"plr\"", "#/over");
    fields.put("\"replacement\": 1", "#/replacement");
    fields.put("\"missing\": \"none\"", "#/missing");
    fields.put("\"through\": 3", "#/through");
    fields.put("\"colour\": 3", "#/colour");
    fields.put("\"size\": 4", "#/size");
    fields.put("\"exclude\": []", "#/exclude");
    fields.put("\"exclude\": 1", "#/exclude");
    fields.put("\"exclude\": {\"lastEpochs\": 0}", "#/exclude/lastEpochs");
    fields.put("\"exclude\": {\"lastEpochs\": \"1\"}", "#/exclude/lastEpochs");
    fields.put("\"exclude\": {\"sinceEpoch\": 10001}", "#/exclude/sinceEpoch");
    fields.put("\"exclude\": {\"lastSteps\": 0.5}", "#/exclude/lastSteps");
    fields.put("\"exclude\": {\"samples\": \"a\"}", "#/exclude/samples");
    fields.put("\"exclude\": {\"samples\": [\"a\", {}]}", "#/exclude/samples/1");
    fields.put("\"exclude\": {\"colour\": 1}", "#/exclude/colour");
    fields.put("\"exclude\": {\"lastEpochs\": 1, \"lastEpochs\": 2}", "#/exclude/lastEpochs");
    fields.forEach((field, pointer) -> wrong.put("{\"size\": 3, " + field + "}", pointer));
    wrong.forEach((body, pointer) -> refused(422, body, pointer));
    for (String body : List.of("", " ", "[", "{\"size\": 1} x", "{\"size\": NaN}")) {
      assertThat(http.exchange("POST", "/runs/" + run + "/draws", body).status())
          .as(body)
          .isIn(400, 422);
    }
    assertThat(http.exchange("POST", "/runs/" + run + "/draws?size=1", "{\"size\": 1}").status())
        .isEqualTo(400);
    assertThat(http.exchange("GET", "/runs/" + run + "/draws", "").status()).isEqualTo(405);
  }

  private Answer refused(int status, String body, String pointer) {
    Answer answer = http.exchange("POST", "/runs/" + run + "/draws", body);
    assertThat(answer.status()).as(body + answer.text()).isEqualTo(status);
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
        .as(body)
        .isEqualTo(pointer);
    return answer;
  }

  private JsonNode draw(String body) {
    return http.post("/runs/" + run + "/draws", body).json();
  }

  private static List<String> ids(JsonNode draw) {
    return draw.get("items").valueStream().map(item -> item.get("sample").stringValue()).toList();
  }

  private static List<String> samples(int count) {
    return IntStream.range(0, count).mapToObj(i -> i % 7 == 0 ? "é" + i : "s" + i).toList();
  }

  private void step(int epoch, int step, String... samples) {
    String rewards =
        Arrays.stream(samples)
            .map(sample -> "{\"sample\": \"%s\", \"values\": [1, 0]}".formatted(sample))
            .collect(Collectors.joining(", "));
    http.put(
        "/runs/" + run + "/epochs/" + epoch + "/batches/step-" + step,
        "{\"step\": %d, \"rewards\": [%s]}".formatted(step, rewards));
  }

  /** Two epochs; a sample's rewards depend on its id alone. */
  private void makeRun(String run, List<String> samples, Random random) {
    long salt = random.nextLong();
    for (int epoch = 1; epoch <= 2; epoch++) {
      int of = epoch;
      String rewards =
          samples.stream()
              .map(sample -> {
                Random own = new Random(salt + 31L * sample.hashCode() + of);
                double easiness = own.nextInt(5) / 4.0;
                String values =
                    IntStream.range(0, 4)
                        .mapToObj(_ -> own.nextDouble() < easiness ? "1" : "0")
                        .collect(Collectors.joining(", "));
                return "{\"sample\": \"%s\", \"values\": [%s]}".formatted(sample, values);
              })
              .collect(Collectors.joining(", ", "{\"rewards\": [", "]}"));
      http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", rewards);
    }
  }
}
