package dev.lim.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@IntegrationTest
class ComparisonIT {

  @LocalServerPort int port;

  private Http http;
  private final String one = "one-" + UUID.randomUUID();
  private final String other = "other-" + UUID.randomUUID();

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  /** Two runs on datasets of their own that share a part of their samples. */
  @Test
  void twoRunsAreComparedOnTheSamplesThatBothHaveMet() {
    long seed = Seed.of(getClass());
    Random random = new Random(seed);
    for (int epoch = 1; epoch <= 4; epoch++) {
      send(one, epoch, 0, 40, random);
      send(other, epoch, 15, 60, random);
    }
    for (String selection : List.of("top=10", "fraction=0.5", "threshold=0.3")) {
      check(selection + "&missing=observed", "seed " + seed + " " + selection);
    }
  }

  private void send(String run, int epoch, int from, int to, Random random) {
    List<String> rewards = new ArrayList<>();
    for (int sample = from; sample < to; sample++) {
      if (random.nextInt(8) > 0) {
        String values =
            random
                .ints(4, 0, 2 + sample / 8)
                .mapToObj(i -> i > epoch ? "0" : "1")
                .collect(Collectors.joining(","));
        rewards.add("{\"sample\":\"s%d\",\"values\":[%s]}".formatted(sample, values));
      }
    }
    http.post(
        "/runs/" + run + "/epochs/" + epoch + "/rewards",
        "{\"rewards\":[" + String.join(",", rewards) + "]}");
  }

  private void check(String query, String as) {
    String path = "/runs/" + one + "/compare/" + other + "?" + query;
    JsonNode answer = http.get(path).json();
    Map<String, JsonNode> here = ranking(one, "missing=observed");
    Map<String, JsonNode> there = ranking(other, "missing=observed");
    // All who were met are scored, under this rule.
    Set<String> common = new HashSet<>(here.keySet());
    common.retainAll(there.keySet());
    assertThat(answer.get("common").intValue()).as(as).isEqualTo(common.size());
    assertThat(answer.get("scoredInBoth").intValue()).isEqualTo(common.size());
    assertThat(answer.get("run").stringValue()).isEqualTo(one);
    assertThat(answer.get("other").get("run").stringValue()).isEqualTo(other);
    Set<String> subset = cut(here, common, query);
    Set<String> otherSubset = cut(there, common, query);
    Set<String> kept = new HashSet<>(subset);
    kept.retainAll(otherSubset);
    int all = subset.size() + otherSubset.size() - kept.size();
    assertThat(answer.get("size").intValue()).as(as).isEqualTo(subset.size());
    assertThat(answer.get("otherSize").intValue()).as(as).isEqualTo(otherSubset.size());
    assertThat(answer.get("kept").intValue()).as(as).isEqualTo(kept.size());
    assertThat(answer.get("entered").intValue()).isEqualTo(otherSubset.size() - kept.size());
    assertThat(answer.get("left").intValue()).isEqualTo(subset.size() - kept.size());
    assertThat(answer.get("jaccard").doubleValue())
        .isEqualTo(all == 0 ? 1 : (double) kept.size() / all);
    assertThat(answer.get("spearman").doubleValue())
        .as(as)
        .isCloseTo(spearman(here, there, common), within(1e-12));
    List<JsonNode> items = http.items(path);
    assertThat(items).hasSize(common.size());
    int rank = 0;
    for (JsonNode item : items) {
      String sample = item.get("sample").stringValue();
      assertThat(item.get("rank").intValue()).isGreaterThan(rank);
      rank = item.get("rank").intValue();
      assertThat(item.get("score")).isEqualTo(at(here, sample).get("score"));
      assertThat(item.get("otherRank")).isEqualTo(at(there, sample).get("rank"));
      assertThat(item.get("otherScore")).isEqualTo(at(there, sample).get("score"));
      String change =
          subset.contains(sample)
              ? otherSubset.contains(sample) ? "kept" : "left"
              : otherSubset.contains(sample) ? "entered" : "neither";
      assertThat(item.get("change").stringValue()).as(as + sample).isEqualTo(change);
    }
    for (String change : List.of("kept", "entered", "left", "neither")) {
      assertThat(http.items(path + "&change=" + change))
          .isEqualTo(
              items.stream()
                  .filter(item -> item.get("change").stringValue().equals(change))
                  .toList());
    }
  }

  private static JsonNode at(Map<String, JsonNode> ranking, String sample) {
    return Objects.requireNonNull(ranking.get(sample));
  }

  private Map<String, JsonNode> ranking(String run, String query) {
    Map<String, JsonNode> ranking = new HashMap<>();
    http.items("/runs/" + run + "/scores?" + query)
        .forEach(item -> ranking.put(item.get("sample").stringValue(), item));
    return ranking;
  }

  /** The cut among common samples. */
  private static Set<String> cut(Map<String, JsonNode> ranking, Set<String> common, String query) {
    List<String> order =
        common.stream()
            .sorted((a, b) ->
                at(ranking, a).get("rank").intValue() - at(ranking, b).get("rank").intValue())
            .toList();
    int size =
        query.startsWith("top=10")
            ? Math.min(10, order.size())
            : query.startsWith("fraction")
                ? (order.size() + 1) / 2
                : (int)
                    order.stream()
                        .filter(sample -> at(ranking, sample).get("score").doubleValue() >= 0.3)
                        .count();
    return new HashSet<>(order.subList(0, size));
  }

  private static double spearman(
      Map<String, JsonNode> a, Map<String, JsonNode> b, Set<String> common) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (String sample : common) {
      double x = rank(a, common, sample);
      double y = rank(b, common, sample);
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    return xy / Math.sqrt(xx * yy);
  }

  /** From the middle. */
  private static double rank(Map<String, JsonNode> ranking, Set<String> common, String sample) {
    double score = at(ranking, sample).get("score").doubleValue();
    double rank = 0;
    for (String each : common) {
      rank += Math.signum(score - at(ranking, each).get("score").doubleValue()) / 2;
    }
    return rank;
  }

  @Test
  void aRunIsComparedWithItselfUnderAnotherStrategy() {
    Random random = new Random(11);
    for (int epoch = 1; epoch <= 3; epoch++) {
      send(one, epoch, 0, 30, random);
    }
    String path = "/runs/" + one + "/compare/" + one + "?top=8&missing=observed";
    JsonNode same = http.get(path).json();
    assertThat(same.get("jaccard").doubleValue()).isEqualTo(1);
    assertThat(same.get("spearman").doubleValue()).isEqualTo(1);
    assertThat(same.get("entered").intValue()).isZero();
    JsonNode drawn = http.get(path + "&otherStrategy=random&other.seed=5").json();
    assertThat(drawn.get("strategy").stringValue()).isEqualTo("lim");
    assertThat(drawn.get("other").get("strategy").stringValue()).isEqualTo("random");
    Set<String> wanted = new HashSet<>();
    http.get("/runs/" + one + "/subset?top=8&missing=observed&strategy=random&seed=5&format=ids")
        .json()
        .forEach(id -> wanted.add(id.stringValue()));
    Set<String> got = new HashSet<>();
    for (String change : List.of("kept", "entered")) {
      http.items(path + "&otherStrategy=random&other.seed=5&change=" + change)
          .forEach(item -> got.add(item.get("sample").stringValue()));
    }
    assertThat(got).isEqualTo(wanted);
  }

  @Test
  void whatIsUnscoredInOneHasNoRankThere() {
    http.post(
        "/runs/" + one + "/epochs/1/rewards",
        "{\"rewards\":[{\"sample\":\"a\",\"values\":[1]},{\"sample\":\"b\",\"values\":[0]},{\"sample\":\"c\",\"values\":[0]}]}");
    http.post(
        "/runs/" + other + "/epochs/1/rewards",
        "{\"rewards\":[{\"sample\":\"a\",\"values\":[1]},{\"sample\":\"d\",\"values\":[0]}]}");
    http.post(
        "/runs/" + other + "/epochs/2/rewards",
        "{\"rewards\":[{\"sample\":\"b\",\"values\":[1]},{\"sample\":\"d\",\"values\":[0]}]}");
    JsonNode answer =
        http.get("/runs/" + one + "/compare/" + other + "?top=5&missing=exclude").json();
    assertThat(answer.get("common").intValue()).isEqualTo(2);
    assertThat(answer.get("scoredInBoth").intValue()).isZero();
    assertThat(answer.get("spearman").isNull()).isTrue();
    assertThat(answer.get("otherSize").intValue()).isZero();
    assertThat(answer.get("items")).hasSize(2);
    answer
        .get("items")
        .forEach(item -> {
          assertThat(item.has("otherRank")).isFalse();
          assertThat(item.has("otherScore")).isFalse();
          assertThat(item.get("change").stringValue()).isEqualTo("left");
        });
  }

  @Test
  void runsWithNothingInCommonHaveEmptySubsets() {
    http.put("/runs/" + one, "{}");
    http.put("/runs/" + other, "{}");
    JsonNode answer = http.get("/runs/" + one + "/compare/" + other + "?top=5").json();
    assertThat(answer.get("common").intValue()).isZero();
    assertThat(answer.get("jaccard").doubleValue()).isEqualTo(1);
    assertThat(answer.get("spearman").isNull()).isTrue();
    assertThat(answer.get("items")).isEmpty();
  }

  @Test
  void theTagDependsOnTheOtherRunToo() {
    String rewards = "{\"rewards\":[{\"sample\":\"a\",\"values\":[1]}]}";
    http.post("/runs/" + one + "/epochs/1/rewards", rewards);
    http.post("/runs/" + other + "/epochs/1/rewards", rewards);
    String path = "/runs/" + one + "/compare/" + other + "?top=1";
    String tag = http.get(path).etag();
    assertThat(http.exchange("GET", path, "", "If-None-Match", tag).status()).isEqualTo(304);
    http.post("/runs/" + other + "/epochs/2/rewards", rewards);
    assertThat(http.exchange("GET", path, "", "If-None-Match", tag).status()).isEqualTo(200);
  }

  @Test
  void whatIsWrongIsRefusedByName() {
    http.put("/runs/" + one, "{}");
    for (String[] call :
        new String[][] {
          {"", "threshold"},
          {"top=5&change=gone", "change"},
          {"top=5&otherStrategy=best", "otherStrategy"},
          {"top=5&other.seed=1", "other.seed"},
          {"top=5&cursor=x", "cursor"},
          {"top=5&replicates=5", "replicates"}
        }) {
      Answer answer = http.exchange("GET", "/runs/" + one + "/compare/" + one + "?" + call[0], "");
      assertThat(answer.status()).as(call[0]).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("parameter").stringValue())
          .isEqualTo(call[1]);
    }
    Answer answer = http.exchange("GET", "/runs/" + one + "/compare/nobody?top=5", "");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.problem()).isEqualTo("run-not-found");
    assertThat(http.exchange("GET", "/runs/" + one + "/compare/-x?top=5", "").status())
        .isEqualTo(400);
  }
}
