package dev.lim.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Each item of a stability is what the other calls answer for its epoch. */
@IntegrationTest
class StabilityAnswerIT {

  @LocalServerPort int port;

  private Http http;
  private final String run = "stability-" + UUID.randomUUID();

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void everyEpochIsWhatTheRankingAndTheSubsetWereAfterIt() {
    long seed = Seed.of(getClass());
    Random random = new Random(seed);
    int epochs = 7;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      if (epoch != 4) {
        send(random, epoch);
      }
    }
    for (String missing : new String[] {"backfill", "observed", "carry"}) {
      for (String selection :
          new String[] {
            "threshold=0.5",
            "threshold=0.5&solved=some",
            "top=9",
            "fraction=0.3&solved=some",
            "top=1"
          }) {
        check(missing, selection, epochs, "seed " + seed + " " + missing + " " + selection);
      }
    }
  }

  private void send(Random random, int epoch) {
    StringBuilder rewards = new StringBuilder();
    for (int sample = 0; sample < 40; sample++) {
      // Two that are never solved, two that always are, one that comes late, the rest at random.
      if (sample > 3 && random.nextInt(6) == 0 || sample == 5 && epoch < 5) {
        continue;
      }
      rewards.append(rewards.isEmpty() ? "" : ",").append("{\"sample\":\"s").append(sample);
      rewards.append("\",\"values\":[");
      for (int rollout = 0; rollout < 4; rollout++) {
        boolean solved = sample > 1 && (sample < 4 || random.nextInt(60) < sample + 3 * epoch);
        rewards.append(rollout == 0 ? "" : ",").append(solved ? 1 : 0);
      }
      rewards.append("]}");
    }
    http.post("/runs/" + run + "/epochs/" + epoch + "/rewards", "{\"rewards\":[" + rewards + "]}");
  }

  private void check(String missing, String selection, int epochs, String as) {
    String query = "missing=" + missing + "&through=";
    JsonNode answer =
        http.get("/runs/" + run + "/stability?" + selection + "&" + query + epochs).json();
    JsonNode scores = http.get("/runs/" + run + "/scores?limit=1&" + query + epochs).json();
    for (String field : new String[] {"run", "revision", "strategy", "epochs", "scored"}) {
      assertThat(answer.get(field)).as(as + field).isEqualTo(scores.get(field));
    }
    assertThat(answer.get("items")).as(as).hasSize(epochs - 1);
    Map<String, Double> last = scores(query + epochs);
    Set<String> lastSubset = ids(subset(selection, query + epochs));
    Map<String, Double> before = null;
    Set<String> subsetBefore = Set.of();
    for (JsonNode item : answer.get("items")) {
      int epoch = item.get("epoch").intValue();
      assertThat(epoch).isNotEqualTo(4);
      Map<String, Double> now = scores(query + epoch);
      JsonNode subset = subset(selection, query + epoch);
      assertThat(item.get("scored").intValue()).as(as).isEqualTo(now.size());
      for (String field : new String[] {"size", "neverSolved", "alwaysSolved"}) {
        assertThat(item.get(field)).as(as + " " + field + epoch).isEqualTo(subset.get(field));
      }
      agrees(item.get("toLast"), now, last, ids(subset), lastSubset, as);
      if (before == null) {
        assertThat(item.has("toPrevious")).isFalse();
      } else {
        agrees(item.get("toPrevious"), now, before, ids(subset), subsetBefore, as);
      }
      before = now;
      subsetBefore = ids(subset);
    }
  }

  private Map<String, Double> scores(String query) {
    Map<String, Double> scores = new HashMap<>();
    http.items("/runs/" + run + "/scores?" + query)
        .forEach(
            item -> scores.put(item.get("sample").stringValue(), item.get("score").doubleValue()));
    return scores;
  }

  private JsonNode subset(String selection, String query) {
    return http.get("/runs/" + run + "/subset?" + selection + "&" + query).json();
  }

  private static Set<String> ids(JsonNode subset) {
    Set<String> ids = new HashSet<>();
    subset.get("items").forEach(item -> ids.add(item.get("sample").stringValue()));
    return ids;
  }

  private static void agrees(
      JsonNode got,
      Map<String, Double> a,
      Map<String, Double> b,
      Set<String> subsetOfA,
      Set<String> subsetOfB,
      String as) {
    Set<String> all = new HashSet<>(subsetOfA);
    all.addAll(subsetOfB);
    long shared = subsetOfA.stream().filter(subsetOfB::contains).count();
    assertThat(got.get("jaccard").doubleValue())
        .as(as)
        .isEqualTo(all.isEmpty() ? 1 : (double) shared / all.size());
    Double wanted = spearman(a, b);
    if (wanted == null) {
      assertThat(got.get("spearman").isNull()).as(as).isTrue();
    } else {
      assertThat(got.get("spearman").doubleValue()).as(as).isCloseTo(wanted, within(1e-12));
    }
  }

  /** By the definition: the correlation of ranks that are counted. */
  private static @Nullable Double spearman(Map<String, Double> a, Map<String, Double> b) {
    Set<String> both = new HashSet<>(a.keySet());
    both.retainAll(b.keySet());
    double middle = (both.size() + 1) / 2.0;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (String sample : both) {
      double x = rank(a, both, sample) - middle;
      double y = rank(b, both, sample) - middle;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    return both.size() < 2 || xx == 0 || yy == 0 ? null : xy / Math.sqrt(xx * yy);
  }

  private static double rank(Map<String, Double> scores, Collection<String> among, String sample) {
    double score = Objects.requireNonNull(scores.get(sample));
    double below = 0;
    double equal = 0;
    for (String other : among) {
      double each = Objects.requireNonNull(scores.get(other));
      below += each < score ? 1 : 0;
      equal += each == score ? 1 : 0;
    }
    return below + (equal + 1) / 2;
  }

  @Test
  void oneSampleHasNoRankCorrelationAndNoVerdict() {
    http.post(
        "/runs/" + run + "/epochs/1/rewards",
        "{\"rewards\": [{\"sample\": \"a\", \"values\": [0, 1]}]}");
    JsonNode answer = http.get("/runs/" + run + "/stability?top=5").json();
    JsonNode only = answer.get("items").get(0);
    assertThat(only.get("size").intValue()).isEqualTo(1);
    assertThat(only.get("toLast").get("spearman").isNull()).isTrue();
    assertThat(only.get("toLast").get("jaccard").doubleValue()).isEqualTo(1);
    assertThat(answer.get("verdict").get("settled").booleanValue()).isFalse();
    assertThat(answer.get("verdict").has("since")).isFalse();
    assertThat(answer.get("verdict").get("text").stringValue()).contains("Too early");
  }

  @Test
  void emptySubsetsAreTheSame() {
    http.post(
        "/runs/" + run + "/epochs/1/rewards",
        "{\"rewards\": [{\"sample\": \"a\", \"values\": [0, 1]}, {\"sample\": \"b\", \"values\": [1]}, {\"sample\": \"c\", \"values\": [0]}, {\"sample\": \"d\", \"values\": [0]}]}");
    JsonNode item = http.get("/runs/" + run + "/stability?threshold=2").json().get("items").get(0);
    assertThat(item.get("size").intValue()).isZero();
    assertThat(item.get("toLast").get("jaccard").doubleValue()).isEqualTo(1);
    assertThat(item.get("toLast").get("spearman").doubleValue()).isEqualTo(1);
  }

  @Test
  void aRunWithoutRewardsHasNoItems() {
    http.put("/runs/" + run, "{}");
    JsonNode answer = http.get("/runs/" + run + "/stability?top=5").json();
    assertThat(answer.get("items")).isEmpty();
    assertThat(answer.get("verdict").get("settled").booleanValue()).isFalse();
  }

  /** The average is 1: there is no score, in no epoch. */
  @Test
  void whatIsUndefinedStaysSo() {
    for (int epoch = 1; epoch <= 5; epoch++) {
      http.post(
          "/runs/" + run + "/epochs/" + epoch + "/rewards",
          "{\"rewards\": [{\"sample\": \"a\", \"values\": [1]}, {\"sample\": \"b\", \"values\": [1]}]}");
    }
    JsonNode answer = http.get("/runs/" + run + "/stability?threshold=0.6").json();
    assertThat(answer.has("undefined")).isTrue();
    assertThat(answer.get("items").get(4).get("scored").intValue()).isZero();
    assertThat(answer.get("items").get(4).get("toPrevious").get("spearman").isNull()).isTrue();
  }

  @Test
  void whatIsWrongIsRefusedByName() {
    http.put("/runs/" + run, "{}");
    for (String[] call :
        new String[][] {
          {"", "threshold"},
          {"top=5&threshold=0.5", "threshold"},
          {"top=0", "top"},
          {"fraction=1.5", "fraction"},
          {"top=5&solved=never", "solved"},
          {"top=5&limit=3", "limit"},
          {"top=5&top=6", "top"},
          {"threshold=NaN", "threshold"},
          {"top=5&through=7", "through"}
        }) {
      Answer answer = http.exchange("GET", "/runs/" + run + "/stability?" + call[0], "");
      assertThat(answer.status()).as(call[0]).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("parameter").stringValue())
          .isEqualTo(call[1]);
    }
    assertThat(http.exchange("GET", "/runs/no-such-run/stability?top=5", "").status())
        .isEqualTo(404);
  }

  @Test
  void anAnswerThatTheClientHasIsNotSentAgain() {
    String path = "/runs/" + run + "/stability?top=1";
    String rewards = "{\"rewards\": [{\"sample\": \"a\", \"values\": [0, 1]}]}";
    http.post("/runs/" + run + "/epochs/1/rewards", rewards);
    String tag = http.get(path).etag();
    assertThat(http.exchange("GET", path, "", "If-None-Match", tag).status()).isEqualTo(304);
    http.post("/runs/" + run + "/epochs/2/rewards", rewards);
    assertThat(http.exchange("GET", path, "", "If-None-Match", tag).status()).isEqualTo(200);
  }
}
