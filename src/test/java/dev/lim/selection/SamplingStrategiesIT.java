package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import dev.lim.golden.SharedData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The strategies that weigh for draws, over HTTP, against plain references. */
@IntegrationTest
class SamplingStrategiesIT {

  private static final int HISTORIES = 30;
  private static final JsonMapper JSON = new JsonMapper();

  @LocalServerPort int port;

  private Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void randomHistoriesAreScoredAsTheReferencesSay() {
    Random random = new Random(Seed.of(getClass()));
    for (int i = 0; i < HISTORIES; i++) {
      NavigableMap<Integer, Map<String, List<Integer>>> epochs = history(random);
      String run = "sampling-" + UUID.randomUUID();
      epochs.forEach((epoch, rewards) ->
          http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", body(rewards)));
      int through = 1 + random.nextInt(epochs.lastKey());
      int from = 1 + random.nextInt(through);
      NavigableMap<Integer, Map<String, List<Integer>>> chosen =
          epochs.subMap(from, true, through, true);
      check(run, new SamplingReference(chosen), random, "&from=" + from + "&through=" + through);
    }
  }

  private void check(String run, SamplingReference reference, Random random, String epochs) {
    equal(scores(run, "pools" + epochs), reference.pools((float) 0.25, (float) 0.75, 0.2, 1, 0.2));
    equal(
        scores(
            run,
            "pools&hardAt=0&easyAbove=0.6&hardWeight=0&normalWeight=3&easyWeight=0.5" + epochs),
        reference.pools(0, (float) 0.6, 0, 3, 0.5));
    equal(
        scores(run, "greso" + epochs), reference.greso((float) 0.98, (float) 0.11, 0.5, 0.5, 0.01));
    equal(
        scores(run, "greso&easyAt=0.5&hardAt=0.4&easyKeep=0.9&hardKeep=0&floor=0.05" + epochs),
        reference.greso((float) 0.5, (float) 0.4, 0.9, 0, 0.05));
    equal(scores(run, "bots" + epochs), reference.bots(0.1, 1, 1, 0.5));
    equal(
        scores(run, "bots&fade=1&priorSolved=0.5&priorUnsolved=3&target=0.7" + epochs),
        reference.bots(1, 0.5, 3, 0.7));
    long seed = random.nextLong();
    equal(scores(run, "mopps&seed=" + seed + epochs), reference.mopps(0.5, 1, 1, 0.5, seed));
    equal(
        scores(
            run, "mopps&keep=1&priorSolved=0.3&priorUnsolved=2&target=0.2&seed=" + seed + epochs),
        reference.mopps(1, 0.3, 2, 0.2, seed));
    Map<String, Double> lim = scores(run, "lim" + epochs);
    equal(scores(run, "plr" + epochs), reference.plr(lim, 0.1, 0.1));
    equal(
        scores(run, "plr&over=mopps&temperature=2&staleness=0.6&seed=" + seed + epochs),
        reference.plr(scores(run, "mopps&seed=" + seed + epochs), 2, 0.6));
  }

  @Test
  void anotherSeedIsAnotherBelief() {
    NavigableMap<Integer, Map<String, List<Integer>>> epochs = history(new Random(1));
    String run = "sampling-" + UUID.randomUUID();
    epochs.forEach((epoch, rewards) ->
        http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", body(rewards)));
    assertThat(scores(run, "mopps&seed=1")).isNotEqualTo(scores(run, "mopps&seed=2"));
    assertThat(scores(run, "bots&thompson=true&seed=1"))
        .isNotEqualTo(scores(run, "bots&thompson=true&seed=2"))
        .isNotEqualTo(scores(run, "mopps&seed=1"));
    assertThat(scores(run, "bots&seed=1")).isEqualTo(scores(run, "bots&seed=2"));
  }

  @Test
  void aRealTrainingRunIsScoredAsTheReferencesSay() {
    SharedData data = SharedData.required("one-shot-rlvr");
    String run = "sampling-" + UUID.randomUUID();
    NavigableMap<Integer, Map<String, List<Integer>>> epochs = new TreeMap<>();
    for (String line : data.lines("rewards.ndjson.gz")) {
      JsonNode epoch = JSON.readTree(line);
      Map<String, List<Integer>> rewards = new HashMap<>();
      for (JsonNode sample : epoch.get("rewards")) {
        rewards.put(
            sample.get("sample").stringValue(),
            sample.get("values").valueStream().map(JsonNode::intValue).toList());
      }
      epochs.put(epoch.get("epoch").intValue(), rewards);
      http.post(
          "/runs/" + run + "/epochs/" + epoch.get("epoch").intValue() + "/rewards", body(rewards));
    }
    check(
        run,
        new SamplingReference(epochs.headMap(44, true)),
        new Random(1),
        "&missing=exclude&through=44");
    check(run, new SamplingReference(epochs), new Random(2), "&missing=observed&through=57");
    tell(run);
  }

  /** The figures that the documentation shows. */
  private void tell(String run) {
    for (String strategy : List.of("pools", "greso", "mopps", "bots", "plr")) {
      String query = "?missing=exclude&through=44&strategy=";
      List<String> lim = ids(run, query + "lim&top=575");
      List<String> top = ids(run, query + strategy + "&top=575");
      JsonNode all = http.get("/runs/" + run + "/subset" + query + strategy + "&top=575").json();
      assertThat(top).hasSize(575);
      System.out.printf(
          "%s: top 575: %d of lim's, %s never solved, %s always; distinct scores %d%n",
          strategy,
          top.stream().filter(lim::contains).count(),
          all.get("neverSolved"),
          all.get("alwaysSolved"),
          scores(run, strategy + "&missing=exclude&through=44").values().stream()
              .distinct()
              .count());
    }
  }

  private List<String> ids(String run, String query) {
    return http.get("/runs/" + run + "/subset" + query + "&format=ids")
        .json()
        .valueStream()
        .map(JsonNode::stringValue)
        .toList();
  }

  private Map<String, Double> scores(String run, String query) {
    Map<String, Double> scores = new HashMap<>();
    for (JsonNode item : http.items("/runs/" + run + "/scores?strategy=" + query)) {
      scores.put(item.get("sample").stringValue(), item.get("score").doubleValue());
    }
    return scores;
  }

  private static void equal(Map<String, Double> got, Map<String, Double> wanted) {
    assertThat(got.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach((sample, score) ->
        assertThat(got.get(sample))
            .as(sample)
            .isCloseTo(score, within(1e-9 * Math.max(1e-3, Math.abs(score)))));
  }

  /** Some epochs empty, some samples absent from some epochs. */
  private static NavigableMap<Integer, Map<String, List<Integer>>> history(Random random) {
    NavigableMap<Integer, Map<String, List<Integer>>> epochs = new TreeMap<>();
    int samples = 2 + random.nextInt(30);
    int last = 1 + random.nextInt(9);
    for (int epoch = 1; epoch <= last; epoch++) {
      Map<String, List<Integer>> rewards = new HashMap<>();
      for (int i = 0; i < samples; i++) {
        if (random.nextInt(4) > 0 || i == 0) {
          List<Integer> rollouts = new ArrayList<>();
          int kind = random.nextInt(4);
          for (int k = 1 + random.nextInt(8); k > 0; k--) {
            rollouts.add(kind < 2 ? kind : random.nextInt(2));
          }
          rewards.put("s" + i, rollouts);
        }
      }
      if (epoch == last || random.nextInt(5) > 0) {
        epochs.put(epoch, rewards);
      }
    }
    return epochs;
  }

  private static String body(Map<String, List<Integer>> rewards) {
    return rewards.entrySet().stream()
        .map(e -> "{\"sample\": \"%s\", \"values\": %s}".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", ", "{\"rewards\": [", "]}"));
  }
}
