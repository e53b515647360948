package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.reference.Reference;
import dev.lim.reference.Reference.Batch;
import dev.lim.reference.Reference.Rule;
import dev.lim.reference.StrategyReference;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every strategy on the runs that others published: held against its plain reference, and against
 * the table in {@code docs/strategies.md}. {@code mvn test -Dtest=StrategiesOnRealRunsIT
 * -Dstrategies.write} writes that table anew.
 */
@IntegrationTest
class StrategiesOnRealRunsIT {

  private static final Path DOCUMENT = Path.of("docs", "strategies.md");
  private static final String BEGIN = "<!-- begin table -->\n";
  private static final String END = "<!-- end table -->";

  /** How each strategy cuts; the others keep as many as lim does. */
  private static final Map<String, String> CUTS =
      Map.of(
          "lim", "threshold=0.6",
          "linear", "threshold=0.7",
          "pass-rate", "fraction=1",
          "hard", "fraction=1");

  private static final Map<String, Map<String, String>> DEFAULTS =
      Map.of(
          "random", Map.of("seed", "0"),
          "balanced", Map.of("target", "0.5"),
          "pass-rate", Map.of("lo", "0", "hi", "1"),
          "hard", Map.of("atMost", "3", "of", "32", "neverSolved", "drop"));

  private static final List<String> HAVE_A_REFERENCE =
      List.of(
          "lim",
          "random",
          "linear",
          "variance",
          "pass-rate",
          "hard",
          "learnability",
          "balanced",
          "vcrl",
          "prioritized",
          "curriculum");

  private static final JsonMapper MAPPER = new JsonMapper();

  @LocalServerPort int port;

  @Test
  void varianceIsThePublishedHistoricalDeviation() throws IOException {
    SharedData data = SharedData.required("one-shot-rlvr");
    Http http = new Http(port);
    String run = upload(http, data);
    Map<String, Double> wanted = data.scores("expected-historical-std.ndjson");
    Map<String, Double> got = scores(http, run, "strategy=variance&missing=observed&through=57");
    assertThat(wanted).hasSize(1209);
    assertThat(got.keySet()).isEqualTo(wanted.keySet());
    got.forEach((sample, score) ->
        assertThat(score).as(sample).isCloseTo(wanted.get(sample), within(1e-6)));
  }

  @Test
  void everyStrategyIsItsReferenceOnARealRun() throws IOException {
    everyStrategyIsItsReference(
        "one-shot-rlvr",
        List.of(
            new Question("missing=exclude&through=44", "exclude", 1, 1, 44),
            new Question("missing=observed&through=57", "observed", 1, 1, 57),
            new Question("missing=observed&minEpochs=50&through=57", "observed", 50, 1, 57),
            new Question("missing=backfill&from=40&through=52", "backfill", 1, 40, 52),
            new Question("missing=carry&from=7&through=7", "carry", 1, 7, 7)));
  }

  @Test
  void everyStrategyIsItsReferenceAtThePapersSize() throws IOException {
    everyStrategyIsItsReference(
        "limr-math8k",
        List.of(
            new Question("missing=backfill&through=21", "backfill", 1, 1, 21),
            new Question("missing=carry&from=5&through=15", "carry", 1, 5, 15)));
  }

  @Test
  void theTableInTheDocumentIsWhatComesOut() throws IOException {
    List<String> names = new ArrayList<>();
    Http http = new Http(port);
    http.get("/strategies")
        .json()
        .get("items")
        .forEach(item -> names.add(item.get("strategy").stringValue()));
    Map<String, String> rows = new TreeMap<>();
    names.forEach(name -> rows.put(name, "| `" + name + "` | " + cut(name) + " |"));
    for (String[] set :
        new String[][] {
          {"one-shot-rlvr", "&missing=exclude&through=44"}, {"limr-math8k", "&through=21"}
        }) {
      String run = upload(http, SharedData.required(set[0]));
      int usual = subset(http, run, "threshold=0.6" + set[1]).get("size").intValue();
      for (String name : names) {
        String selection = CUTS.getOrDefault(name, "top=" + usual);
        JsonNode kept = subset(http, run, selection + "&strategy=" + name + set[1]);
        int size = kept.get("size").intValue();
        Set<String> ids = ids(kept);
        Set<String> lim = size == 0 ? Set.of() : ids(subset(http, run, "top=" + size + set[1]));
        Set<String> both = new TreeSet<>(ids);
        both.retainAll(lim);
        String cells =
            " %d | %d | %.2f | %d |"
                .formatted(
                    kept.get("scored").intValue(),
                    size,
                    size == 0 ? 1 : both.size() / (double) (ids.size() + lim.size() - both.size()),
                    kept.get("neverSolved").intValue());
        rows.merge(name, cells, String::concat);
      }
    }
    String table =
        """
        | strategy | kept | one-shot-rlvr: scored | kept | overlap | never solved | limr-math8k: scored | kept | overlap | never solved |
        |---|---|---|---|---|---|---|---|---|---|
        %s
        """
            .formatted(String.join("\n", rows.values()));
    System.out.println(table);
    String text = Files.readString(DOCUMENT);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    if (System.getProperty("strategies.write") != null) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + table + text.substring(end));
      text = Files.readString(DOCUMENT);
    }
    assertThat(text)
        .as("write it anew with: mvn test -Dtest=StrategiesOnRealRunsIT -Dstrategies.write")
        .contains(table);
  }

  private static String cut(String name) {
    String selection = CUTS.getOrDefault(name, "as many as `lim`");
    return switch (selection) {
      case "fraction=1" -> "what it keeps";
      case "threshold=0.6", "threshold=0.7" -> "`" + selection + "`";
      default -> selection;
    };
  }

  /** What is asked, and what it means to the reference. */
  private record Question(String query, String missing, int minEpochs, int from, int through) {

    /** One epoch of 8 rollouts has no share from 1 to 3 of 32. */
    boolean nobodyIs(String strategy) {
      return strategy.equals("hard") && from == through;
    }
  }

  private void everyStrategyIsItsReference(String set, List<Question> questions)
      throws IOException {
    SharedData data = SharedData.required(set);
    Http http = new Http(port);
    String run = upload(http, data);
    List<Batch> batches = batches(data);
    for (Question asked : questions) {
      Reference reference =
          new Reference(batches, new Rule("mean", 1, 1, asked.missing, asked.minEpochs));
      StrategyReference plain =
          new StrategyReference(reference, reference.score(asked.from, asked.through));
      for (String strategy : HAVE_A_REFERENCE) {
        String what = set + " " + strategy + " " + asked.query;
        Map<String, Double> wanted =
            plain.scores(strategy, DEFAULTS.getOrDefault(strategy, Map.of()));
        Map<String, Double> got = scores(http, run, "strategy=" + strategy + "&" + asked.query);
        assertThat(wanted.isEmpty()).as(what).isEqualTo(asked.nobodyIs(strategy));
        assertThat(got.keySet()).as(what).isEqualTo(wanted.keySet());
        got.forEach((sample, score) ->
            assertThat(score).as(what + " " + sample).isCloseTo(wanted.get(sample), within(1e-6)));
      }
      everyCurveIsOfThoseThatAreScored(http, run, reference, plain, asked);
    }
  }

  /** Over filled-in rewards for a rule on histories, over observed ones for one on rollouts. */
  private static void everyCurveIsOfThoseThatAreScored(
      Http http, String run, Reference reference, StrategyReference plain, Question asked) {
    Map<String, Map<Integer, Float>> histories =
        reference.score(asked.from, asked.through).histories();
    for (String strategy : List.of("linear", "hard")) {
      Map<String, Double> scored =
          plain.scores(strategy, DEFAULTS.getOrDefault(strategy, Map.of()));
      for (JsonNode item :
          http.get("/runs/" + run + "/curve?strategy=" + strategy + "&" + asked.query)
              .json()
              .get("items")) {
        int epoch = item.get("epoch").intValue();
        List<Float> rewards = new ArrayList<>();
        for (String sample : scored.keySet()) {
          Reference.Cell cell = reference.epochs().get(epoch).get(sample);
          Float observed = cell == null ? null : (float) cell.reward("mean");
          Float reward = strategy.equals("linear") ? histories.get(sample).get(epoch) : observed;
          if (reward != null) {
            rewards.add(reward);
          }
        }
        OptionalDouble average = rewards.stream().mapToDouble(Float::doubleValue).average();
        assertThat(item.has("averageReward")).isEqualTo(average.isPresent());
        if (average.isPresent()) {
          assertThat(item.get("averageReward").doubleValue())
              .isCloseTo(average.getAsDouble(), within(1e-9));
        }
      }
    }
  }

  private static List<Batch> batches(SharedData data) {
    List<Batch> batches = new ArrayList<>();
    for (String line : data.lines("rewards.ndjson.gz")) {
      JsonNode batch = MAPPER.readTree(line);
      Map<String, List<Float>> rewards = new LinkedHashMap<>();
      for (JsonNode reward : batch.get("rewards")) {
        rewards.put(
            reward.get("sample").stringValue(),
            reward.get("values").valueStream().map(JsonNode::floatValue).toList());
      }
      batches.add(
          new Batch(batch.get("epoch").intValue(), "line-" + batches.size(), null, rewards));
    }
    return batches;
  }

  private static String upload(Http http, SharedData data) throws IOException {
    String run = "strategies-" + UUID.randomUUID();
    Answer answer =
        http.send(
            "POST",
            "/runs/" + run + "/rewards",
            BodyPublishers.ofByteArray(data.bytes("rewards.ndjson.gz")),
            Http.NDJSON,
            "Content-Encoding",
            "gzip");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return run;
  }

  private static JsonNode subset(Http http, String run, String query) {
    return http.get("/runs/" + run + "/subset?" + query).json();
  }

  private static Set<String> ids(JsonNode subset) {
    return subset
        .get("items")
        .valueStream()
        .map(item -> item.get("sample").stringValue())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, Double> scores(Http http, String run, String query) {
    Map<String, Double> scores = new LinkedHashMap<>();
    subset(http, run, "fraction=1&" + query)
        .get("items")
        .forEach(
            item -> scores.put(item.get("sample").stringValue(), item.get("score").doubleValue()));
    return scores;
  }
}
