package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.reference.Reference;
import dev.lim.reference.Reference.Batch;
import dev.lim.reference.Reference.Cell;
import dev.lim.reference.Reference.Rule;
import dev.lim.reference.Reference.Score;
import dev.lim.reference.Reference.Scored;
import dev.lim.reference.ReferenceRun;
import dev.lim.reference.ReferenceRun.Settings;
import dev.lim.reference.StrategyReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One random life of a small run, over HTTP: operations as trainers, their restarts and researchers
 * do them, and in between questions whose answers are held against the {@link Reference}.
 */
final class RandomHistory {

  private static final float[][] PALETTES = {
    {0, 1},
    {0, 1},
    {1, -0.5f, -1},
    {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1, -0.1f, -0.7f},
    {0, 1, 1e30f, -1e30f, 0.1f},
    {0, 1, 1e30f, 3e30f},
    {0, Float.MIN_VALUE, 1e-40f, -1e-42f, Float.MIN_NORMAL},
    {-0f, 0f, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 0.1f, 16777217f, 1e-7f}
  };

  private static final String[] MISSING = {"backfill", "exclude", "carry", "observed"};

  private final Http http;
  private final Random random;
  private final String run;
  private final String dataset;
  private final float[] palette;
  private final List<String> samples = new ArrayList<>();
  private final int lastEpoch;
  private final int mostRollouts;
  private ReferenceRun model = new ReferenceRun();
  private final Map<String, Answer> asked = new LinkedHashMap<>();
  private boolean exact = true;

  RandomHistory(Http http, Random random, String run, String dataset) {
    this.http = http;
    this.random = random;
    this.run = run;
    this.dataset = dataset;
    this.palette = PALETTES[random.nextInt(PALETTES.length)];
    this.lastEpoch = 1 + random.nextInt(8);
    this.mostRollouts = 1 + random.nextInt(9);
    List<String> ids =
        new ArrayList<>(List.of("a", "B", "é", "z", "\uffee", "😀", "a b", "a,\"b\"", "0", "-1"));
    for (int i = 0; i < 40; i++) {
      ids.add("s" + i);
    }
    Collections.shuffle(ids, random);
    samples.addAll(ids.subList(0, 1 + random.nextInt(40)));
  }

  /** Lives through all of it; fails where an answer is wrong. */
  void live() throws IOException {
    create();
    int operations = 5 + random.nextInt(25);
    for (int i = 0; i < operations; i++) {
      operation();
      if (random.nextInt(4) == 0) {
        ask();
      }
    }
    asked.clear();
    ask();
    ask();
  }

  String run() {
    return run;
  }

  /** The last questions, and how they were answered. */
  Map<String, Answer> asked() {
    return asked;
  }

  /** Whether, in the last questions, no order of adding rewards gives other bits. */
  boolean exact() {
    return exact;
  }

  /** What is in force, sent to another run, so that both must answer the same. */
  void sendInForceTo(String other) {
    http.put("/runs/" + other, Http.json(Map.of("dataset", other)));
    http.exchange("PATCH", "/runs/" + other, json(model.settings()));
    for (Batch batch : model.inForce()) {
      if (batch.key().equals("epoch")) {
        http.post("/runs/%s/epochs/%d/rewards".formatted(other, batch.epoch()), body(batch, ""));
      } else {
        http.put(
            "/runs/%s/epochs/%d/batches/%s".formatted(other, batch.epoch(), batch.key()),
            body(batch, ""));
      }
    }
    for (int epoch : model.complete()) {
      http.post("/runs/%s/epochs/%d/complete".formatted(other, epoch), "");
    }
  }

  private void create() {
    Answer created = http.put("/runs/" + run, Http.json(Map.of("dataset", dataset)));
    assertThat(created.status()).isEqualTo(201);
    model = new ReferenceRun();
  }

  private void operation() throws IOException {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> put();
      case 8, 9, 10 -> postWhole();
      case 11, 12 -> stream();
      case 13, 14 -> delete();
      case 15 -> {
        int epoch = epoch();
        int attempt = attempt();
        expect(
            model.complete(epoch, attempt),
            write("POST", "/epochs/" + epoch + "/complete", "", attempt));
      }
      case 16 -> begin();
      case 17 -> {
        if (random.nextInt(3) == 0) {
          int attempt = attempt();
          expect(model.finish(attempt), write("POST", "/finish", "", attempt));
        } else {
          patch();
        }
      }
      case 18 -> patch();
      default -> {
        if (random.nextInt(4) == 0) {
          http.delete("/runs/" + run);
          expect("run-deleted", write("PUT", "/epochs/1/batches/x", body(batch(1, "x"), ""), 1));
          create();
        } else {
          put();
        }
      }
    }
  }

  private void put() {
    Batch batch = again(batch(epoch(), "k" + random.nextInt(4)), false);
    int attempt = attempt();
    expect(
        model.write(batch, true, attempt),
        write(
            "PUT",
            "/epochs/" + batch.epoch() + "/batches/" + batch.key(),
            body(batch, ""),
            attempt));
  }

  private void postWhole() {
    Batch batch = again(batch(epoch(), "epoch"), true);
    boolean replace = random.nextInt(3) == 0;
    int attempt = attempt();
    expect(
        model.write(batch, replace, attempt),
        write(
            "POST",
            "/epochs/" + batch.epoch() + "/rewards" + (replace ? "?replace=true" : ""),
            body(batch, ""),
            attempt));
  }

  /** Sometimes one that is in force already, with its samples in another order. */
  private Batch again(Batch batch, boolean whole) {
    List<Batch> known =
        model.inForce().stream().filter(b -> b.key().equals("epoch") == whole).toList();
    if (known.isEmpty() || random.nextInt(5) > 0) {
      return batch;
    }
    Batch chosen = known.get(random.nextInt(known.size()));
    List<String> order = new ArrayList<>(chosen.rewards().keySet());
    Collections.shuffle(order, random);
    Map<String, List<Float>> rewards = new LinkedHashMap<>();
    order.forEach(sample -> rewards.put(sample, chosen.rewards().get(sample)));
    return new Batch(chosen.epoch(), chosen.key(), chosen.step(), rewards);
  }

  private void stream() throws IOException {
    StringBuilder lines = new StringBuilder();
    boolean replace = random.nextBoolean();
    int attempt = attempt();
    Map<String, Integer> tally = new TreeMap<>();
    String problem = null;
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      int epoch = epoch();
      Batch batch;
      String where = "\"epoch\": " + epoch + ", ";
      boolean mayReplace = replace;
      switch (random.nextInt(3)) {
        case 0 -> {
          batch = batch(epoch, "k" + random.nextInt(4));
          where += "\"batch\": \"" + batch.key() + "\", ";
          mayReplace = true;
        }
        case 1 -> {
          long step = 1 + random.nextInt(30);
          batch = new Batch(epoch, "step-" + step, step, batch(epoch, "").rewards());
        }
        default -> batch = new Batch(epoch, "epoch", null, batch(epoch, "").rewards());
      }
      lines.append(body(batch, where)).append('\n');
      if (problem == null) {
        String outcome = model.write(batch, mayReplace, attempt);
        if (outcome.endsWith("ed") && List.of("added", "replaced", "unchanged").contains(outcome)) {
          tally.merge(outcome, 1, Integer::sum);
        } else {
          problem = outcome;
        }
      }
    }
    Answer answer =
        http.stream(
            "POST",
            "/runs/" + run + "/rewards" + (replace ? "?replace=true" : ""),
            () -> new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8)),
            "Lim-Attempt",
            "" + attempt);
    int committed = tally.values().stream().mapToInt(Integer::intValue).sum();
    if (problem != null) {
      assertThat(answer.problem()).isEqualTo(problem);
      assertThat(answer.json().get("committedLines").intValue()).isEqualTo(committed);
      assertThat(answer.json().get("line").intValue()).isEqualTo(committed + 1);
    } else {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.json().get("lines").intValue()).isEqualTo(committed);
      for (String outcome : List.of("added", "replaced", "unchanged")) {
        assertThat(answer.json().get(outcome).intValue()).isEqualTo(tally.getOrDefault(outcome, 0));
      }
      assertThat(answer.json().get("revision").longValue()).isEqualTo(model.revision());
    }
  }

  private void delete() {
    List<Batch> known = model.inForce();
    Batch batch =
        known.isEmpty() || random.nextInt(10) == 0
            ? batch(epoch(), "k0")
            : known.get(random.nextInt(known.size()));
    int attempt = attempt();
    expect(
        model.delete(batch.epoch(), batch.key(), attempt),
        write("DELETE", "/epochs/" + batch.epoch() + "/batches/" + batch.key(), "", attempt));
  }

  private void begin() {
    int next = model.attempt() + (random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 1);
    Long afterStep = null;
    Integer afterEpoch = null;
    switch (random.nextInt(3)) {
      case 0 -> afterStep = (long) random.nextInt(35);
      case 1 -> afterEpoch = random.nextInt(lastEpoch + 1);
      default -> {}
    }
    if (next < 1) {
      return;
    }
    String body =
        afterStep != null
            ? "{\"afterStep\": " + afterStep + "}"
            : afterEpoch != null ? "{\"afterEpoch\": " + afterEpoch + "}" : "";
    String expected = model.begin(next, afterStep, afterEpoch);
    Answer answer = http.exchange("PUT", "/runs/" + run + "/attempts/" + next, body);
    if (expected.matches("[0-9]+")) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.json().get("discarded").intValue()).isEqualTo(Integer.parseInt(expected));
      assertThat(answer.json().get("attempt").intValue()).isEqualTo(next);
    } else {
      assertThat(answer.problem()).isEqualTo(expected);
    }
  }

  private void patch() {
    Settings settings =
        new Settings(
            random.nextBoolean() ? "mean" : "accuracy",
            random.nextBoolean() ? null : highest(),
            random.nextBoolean() ? 1 : highest(),
            MISSING[random.nextInt(4)],
            random.nextBoolean() ? null : Integer.valueOf(1 + random.nextInt(3)));
    model.patch(settings);
    Answer answer = http.exchange("PATCH", "/runs/" + run, json(settings));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("revision").longValue()).isEqualTo(model.revision());
  }

  private static String json(Settings settings) {
    return """
    {"reward": "%s", "correctAt": %s, "rewardMax": %s, "missing": "%s", "batchesPerEpoch": %s}\
    """
        .formatted(
            settings.reward(),
            settings.correctAt(),
            settings.rewardMax(),
            settings.missing(),
            settings.batchesPerEpoch());
  }

  private Answer write(String method, String path, String body, int attempt) {
    return attempt == 1 && random.nextBoolean()
        ? http.exchange(method, "/runs/" + run + path, body)
        : http.exchange(method, "/runs/" + run + path, body, "Lim-Attempt", "" + attempt);
  }

  private void expect(String outcome, Answer answer) {
    switch (outcome) {
      case "deleted" -> assertThat(answer.status()).as(answer.text()).isEqualTo(204);
      case "run" -> {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("revision").longValue()).isEqualTo(model.revision());
      }
      case "added", "replaced", "unchanged" -> {
        assertThat(answer.status())
            .as(answer.text())
            .isEqualTo(outcome.equals("added") ? 201 : 200);
        assertThat(answer.json().get("outcome").stringValue()).isEqualTo(outcome);
        assertThat(answer.json().get("revision").longValue()).isEqualTo(model.revision());
      }
      default -> assertThat(answer.problem()).as(answer.text()).isEqualTo(outcome);
    }
  }

  private int epoch() {
    return 1 + random.nextInt(lastEpoch);
  }

  /** The current attempt, or rarely another. */
  private int attempt() {
    return Math.max(1, model.attempt() - (random.nextInt(15) == 0 ? 1 : 0));
  }

  private float value() {
    return random.nextInt(30) == 0 ? random.nextFloat() : palette[random.nextInt(palette.length)];
  }

  private float highest() {
    return random.nextInt(3) == 0 ? 0.7f : value();
  }

  private Batch batch(int epoch, String key) {
    List<String> chosen = new ArrayList<>(samples);
    Collections.shuffle(chosen, random);
    if (random.nextBoolean()) {
      chosen = chosen.subList(0, 1 + random.nextInt(chosen.size()));
    }
    float constant = value();
    boolean all = random.nextInt(8) == 0;
    Map<String, List<Float>> rewards = new LinkedHashMap<>();
    for (String sample : chosen) {
      List<Float> values = new ArrayList<>();
      int rollouts = 1 + random.nextInt(mostRollouts);
      for (int i = 0; i < rollouts; i++) {
        values.add(all ? constant : value());
      }
      rewards.put(sample, values);
    }
    Long step = random.nextInt(4) == 0 ? null : Long.valueOf(1 + random.nextInt(30));
    return new Batch(epoch, key, step, rewards);
  }

  private String body(Batch batch, String where) {
    StringBuilder body = new StringBuilder("{").append(where);
    if (batch.step() != null) {
      body.append("\"step\": ").append(batch.step()).append(", ");
    }
    body.append("\"rewards\": [");
    String between = "";
    for (Map.Entry<String, List<Float>> sample : batch.rewards().entrySet()) {
      body.append(between).append("{\"sample\": ");
      boolean number = sample.getKey().matches("0|-?[1-9][0-9]*") && random.nextBoolean();
      body.append(number ? sample.getKey() : Http.json(sample.getKey())).append(", \"values\": [");
      body.append(String.join(", ", sample.getValue().stream().map(this::decimal).toList()));
      body.append("]}");
      between = ", ";
    }
    return body.append("]}").toString();
  }

  /** One of the ways in which clients write the same float32. */
  private String decimal(float value) {
    return switch (random.nextInt(3)) {
      case 0 -> Float.toString(value);
      case 1 -> Double.toString(value);
      default ->
          value == 0 ? Float.toString(value) : new BigDecimal(value).stripTrailingZeros() + "";
    };
  }

  private Answer asked(String path) {
    Answer answer = http.exchange("GET", path.formatted(run), "");
    asked.put(path, answer);
    return answer;
  }

  private static final String[] STRATEGIES = {
    "random",
    "linear",
    "variance",
    "pass-rate",
    "hard",
    "learnability",
    "balanced",
    "vcrl",
    "prioritized",
    "curriculum"
  };

  private void ask() {
    exact = true;
    askRun();
    for (int i = 0; i < 2; i++) {
      Settings settings = model.settings();
      String reward = random.nextBoolean() ? null : random.nextBoolean() ? "mean" : "accuracy";
      String missing = random.nextBoolean() ? null : MISSING[random.nextInt(4)];
      Float correctAt = random.nextInt(3) > 0 ? null : Float.valueOf(highest());
      Float rewardMax = random.nextInt(3) > 0 ? null : Float.valueOf(highest());
      Integer minEpochs = random.nextBoolean() ? null : Integer.valueOf(1 + random.nextInt(4));
      Integer from = random.nextInt(3) > 0 ? null : Integer.valueOf(epoch());
      Integer through = random.nextInt(3) > 0 ? null : Integer.valueOf(1 + random.nextInt(9));
      float highest = rewardMax == null ? settings.rewardMax() : rewardMax;
      Rule rule =
          new Rule(
              reward == null ? settings.reward() : reward,
              correctAt != null
                  ? correctAt
                  : settings.correctAt() != null ? settings.correctAt() : highest,
              highest,
              missing == null ? settings.missing() : missing,
              minEpochs == null ? 1 : minEpochs);
      String query =
          parameter("reward", reward)
              + parameter("missing", missing)
              + parameter("correctAt", correctAt)
              + parameter("rewardMax", rewardMax)
              + parameter("minEpochs", minEpochs)
              + parameter("from", from)
              + parameter("through", through);
      ask(rule, from, through, query);
    }
  }

  private static String parameter(String name, @Nullable Object value) {
    return value == null ? "" : "&" + name + "=" + value;
  }

  private Reference reference(Rule rule) {
    return new Reference(model.inForce(), rule);
  }

  private void askRun() {
    Settings settings = model.settings();
    float rewardMax = settings.rewardMax();
    Float correctAt = settings.correctAt();
    Reference reference = reference(new Rule("mean", rewardMax, rewardMax, settings.missing(), 1));
    JsonNode answer = asked("/runs/%s").json();
    assertThat(answer.get("state").stringValue())
        .isEqualTo(model.finished() ? "finished" : "running");
    assertThat(answer.get("attempt").intValue()).isEqualTo(model.attempt());
    assertThat(answer.get("revision").longValue()).isEqualTo(model.revision());
    assertThat(answer.get("samples").intValue()).isEqualTo(reference.population().size());
    assertThat(answer.get("correctAt").floatValue())
        .isEqualTo(correctAt == null ? rewardMax : correctAt);
    long rollouts = 0;
    long aboveMax = 0;
    List<String> epochs = new ArrayList<>();
    for (int epoch : reference.epochs().keySet()) {
      Map<String, Cell> cells = reference.epochs().get(epoch);
      int ofEpoch = cells.values().stream().mapToInt(Cell::rollouts).sum();
      rollouts += ofEpoch;
      aboveMax += cells.values().stream().mapToInt(Cell::aboveMax).sum();
      long batches = model.inForce().stream().filter(b -> b.epoch() == epoch).count();
      epochs.add(
          "%d %d %d %d %s"
              .formatted(epoch, batches, cells.size(), ofEpoch, model.complete().contains(epoch)));
    }
    assertThat(answer.get("rollouts").longValue()).isEqualTo(rollouts);
    assertThat(answer.get("aboveMax").longValue()).isEqualTo(aboveMax);
    List<String> answered = new ArrayList<>();
    answer
        .get("epochs")
        .forEach(e ->
            answered.add(
                "%d %d %d %d %s"
                    .formatted(
                        e.get("epoch").intValue(),
                        e.get("batches").intValue(),
                        e.get("samples").intValue(),
                        e.get("rollouts").intValue(),
                        e.get("complete").booleanValue())));
    assertThat(answered).isEqualTo(epochs);
  }

  private void ask(Rule rule, @Nullable Integer from, @Nullable Integer through, String query) {
    Reference reference = reference(rule);
    int latest = reference.epochs().isEmpty() ? 0 : reference.epochs().lastKey();
    int first = from == null ? 1 : from;
    int last = through == null ? reference.usualThrough(model.complete()) : through;
    Answer answer = asked("/runs/%s/scores?limit=1000" + query);
    if (through != null && (through > latest || first > through)
        || through == null && last > 0 && first > last) {
      assertThat(answer.status()).as(query + answer.text()).isEqualTo(400);
      return;
    }
    assertThat(answer.status()).as(query + answer.text()).isEqualTo(200);
    Scored scored = reference.score(first, last);
    exact &= scored.exact();
    if (scored.doubtful()) {
      return;
    }
    JsonNode page = answer.json();
    head(page, rule, scored, first, last);
    List<String> ranking = ranking(page, scored, rule);
    askCurve(query, rule, scored, first, last);
    if (!ranking.isEmpty()) {
      askDistribution(query, page);
      askSubset(query, page, scored);
    }
    askStrategy(query, reference, scored);
    if (!reference.population().isEmpty()) {
      askTrajectories(query, reference, scored, page, rule, first);
    }
  }

  private void head(JsonNode answer, Rule rule, Scored scored, int first, int last) {
    assertThat(answer.get("run").stringValue()).isEqualTo(run);
    assertThat(answer.get("revision").longValue()).isEqualTo(model.revision());
    assertThat(answer.get("strategy").stringValue()).isEqualTo("lim");
    assertThat(answer.get("reward").stringValue()).isEqualTo(rule.reward());
    assertThat(answer.get("missing").stringValue()).isEqualTo(rule.missing());
    assertThat(answer.get("epochs").get("from").intValue()).isEqualTo(first);
    assertThat(answer.get("epochs").get("through").intValue()).isEqualTo(last);
    JsonNode empty = answer.get("epochs").get("empty");
    assertThat(empty == null ? "[]" : empty.toString().replace(",", ", "))
        .isEqualTo(scored.empty().toString());
    assertThat(answer.get("scored").intValue()).isEqualTo(scored.scores().size());
    assertThat(answer.get("unscored").intValue())
        .isEqualTo(reference(rule).population().size() - scored.scores().size());
    assertThat(answer.has("undefined")).as(answer.toString()).isEqualTo(scored.undefined());
  }

  private List<String> ranking(JsonNode page, Scored scored, Rule rule) {
    List<String> ranking = new ArrayList<>();
    Map<String, Double> answered = new LinkedHashMap<>();
    for (JsonNode item : page.get("items")) {
      String sample = item.get("sample").stringValue();
      ranking.add(sample);
      answered.put(sample, item.get("score").doubleValue());
      assertThat(item.get("rank").intValue()).isEqualTo(ranking.size());
      Score score = scored.scores().get(sample);
      assertThat(score).as(sample).isNotNull();
      assertThat(score.admits(item.get("score").doubleValue()))
          .as("%s of %s is %s, not %s", sample, run, item.get("score"), score)
          .isTrue();
      List<Double> rewards =
          scored.cells(sample).values().stream().map(cell -> cell.reward(rule.reward())).toList();
      double sum = rewards.stream().reduce(0.0, (a, b) -> a + b);
      assertThat(item.get("meanReward").doubleValue()).isEqualTo(sum / rewards.size());
      assertThat(item.get("firstReward").doubleValue()).isEqualTo(rewards.getFirst());
      assertThat(item.get("lastReward").doubleValue()).isEqualTo(rewards.getLast());
      assertThat(item.get("epochs").intValue()).isEqualTo(rewards.size());
    }
    assertThat(answered.keySet()).isEqualTo(scored.scores().keySet());
    List<String> wanted = scored.ranking();
    for (int i = 0; i < ranking.size(); i++) {
      String one = ranking.get(i);
      if (!one.equals(wanted.get(i))) {
        Score score = scored.scores().get(one);
        assertThat(score.admits(scored.scores().get(wanted.get(i)).value()))
            .as("rank %d of %s: %s and %s are no near tie", i + 1, run, one, wanted.get(i))
            .isTrue();
      }
      if (i > 0) {
        double before = answered.get(ranking.get(i - 1));
        double here = answered.get(one);
        assertThat(before > here || Reference.BY_ID.compare(ranking.get(i - 1), one) < 0)
            .as("order of %s and %s", ranking.get(i - 1), one)
            .isTrue();
        assertThat(before).isGreaterThanOrEqualTo(here);
      }
    }
    return ranking;
  }

  private void askCurve(String query, Rule rule, Scored scored, int first, int last) {
    JsonNode curve = asked("/runs/%s/curve?" + query.replaceFirst("&", "")).json();
    head(curve, rule, scored, first, last);
    List<Integer> epochs = new ArrayList<>();
    for (JsonNode item : curve.get("items")) {
      int epoch = item.get("epoch").intValue();
      epochs.add(epoch);
      Double average = scored.averages().get(epoch);
      assertThat(item.has("averageReward")).isEqualTo(average != null);
      if (average != null) {
        assertThat(item.get("averageReward").doubleValue())
            .isCloseTo(average, within(scored.doubts().get(epoch) + 1e-12 * Math.abs(average)));
      }
      List<Cell> cells = List.copyOf(reference(rule).epochs().get(epoch).values());
      double sum = cells.stream().mapToDouble(cell -> cell.reward(rule.reward())).sum();
      double magnitude =
          cells.stream().mapToDouble(cell -> Math.abs(cell.reward(rule.reward()))).sum();
      assertThat(item.get("observedReward").doubleValue())
          .isCloseTo(sum / cells.size(), within(magnitude * 1e-14));
      assertThat(item.get("samples").intValue()).isEqualTo(cells.size());
      assertThat(item.get("rollouts").intValue())
          .isEqualTo(cells.stream().mapToInt(Cell::rollouts).sum());
    }
    assertThat(epochs).isEqualTo(scored.chosen());
  }

  /** Another strategy on the same epochs; what was known of them before must not show. */
  private void askStrategy(String query, Reference reference, Scored scored) {
    Map<String, String> own = new LinkedHashMap<>();
    String strategy = STRATEGIES[random.nextInt(STRATEGIES.length)];
    switch (strategy) {
      case "random" -> own.put("seed", "" + random.nextLong());
      case "balanced" -> own.put("target", "" + random.nextInt(5) / 4.0);
      case "pass-rate" -> {
        own.put("lo", "" + (random.nextInt(4) - 1) / 4.0);
        own.put("hi", "" + (3 + random.nextInt(3)) / 4.0);
      }
      case "hard" -> {
        own.put("atMost", "" + random.nextInt(4));
        own.put("of", "" + (1 + random.nextInt(8)));
        own.put("neverSolved", random.nextBoolean() ? "keep" : "drop");
      }
      default -> {}
    }
    StringBuilder path = new StringBuilder("?limit=1000&strategy=" + strategy + query);
    own.forEach((name, value) -> path.append('&').append(name).append('=').append(value));
    JsonNode answer = asked("/runs/%s/scores" + path).json();
    Map<String, Double> wanted = new StrategyReference(reference, scored).scores(strategy, own);
    Map<String, Double> got = new LinkedHashMap<>();
    for (JsonNode item : answer.get("items")) {
      got.put(item.get("sample").stringValue(), item.get("score").doubleValue());
    }
    assertThat(got.keySet()).as(run + path).containsExactlyInAnyOrderElementsOf(wanted.keySet());
    got.forEach((sample, score) ->
        assertThat(score)
            .as("%s of %s%s", sample, run, path)
            .isCloseTo(
                wanted.get(sample), within(1e-6 * Math.max(1, Math.abs(wanted.get(sample))))));
    assertThat(List.copyOf(got.values())).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(answer.get("scored").intValue()).isEqualTo(got.size());
    assertThat(answer.get("unscored").intValue())
        .isEqualTo(reference.population().size() - got.size());
  }

  private void askDistribution(String query, JsonNode page) {
    int bins = 1 + random.nextInt(12);
    double low = random.nextInt(-3, 1);
    double high = low + 0.5 + random.nextInt(3);
    JsonNode answer =
        asked("/runs/%s/distribution?bins=" + bins + "&low=" + low + "&high=" + high + query)
            .json();
    int[] counts = new int[bins];
    int below = 0;
    int above = 0;
    for (JsonNode item : page.get("items")) {
      double score = item.get("score").doubleValue();
      below += score < low ? 1 : 0;
      above += score > high ? 1 : 0;
      for (int i = 0; i < bins; i++) {
        JsonNode bin = answer.get("bins").get(i);
        boolean inside =
            score >= bin.get("from").doubleValue()
                && (score < bin.get("to").doubleValue() || i == bins - 1 && score == high);
        counts[i] += inside ? 1 : 0;
      }
    }
    assertThat(answer.get("bins").size()).isEqualTo(bins);
    assertThat(answer.get("below").intValue()).isEqualTo(below);
    assertThat(answer.get("above").intValue()).isEqualTo(above);
    for (int i = 0; i < bins; i++) {
      JsonNode bin = answer.get("bins").get(i);
      assertThat(bin.get("from").doubleValue())
          .isCloseTo(low + (high - low) * i / bins, within(1e-12));
      assertThat(bin.get("to").doubleValue())
          .isCloseTo(low + (high - low) * (i + 1) / bins, within(1e-12));
      assertThat(bin.get("count").intValue()).isEqualTo(counts[i]);
    }
  }

  private void askSubset(String query, JsonNode page, Scored scored) {
    boolean some = random.nextBoolean();
    List<String> all = new ArrayList<>();
    Map<String, Double> scores = new LinkedHashMap<>();
    for (JsonNode item : page.get("items")) {
      all.add(item.get("sample").stringValue());
      scores.put(item.get("sample").stringValue(), item.get("score").doubleValue());
    }
    List<String> left =
        all.stream()
            .filter(s -> !some || !scored.neverSolved(s) && !scored.alwaysSolved(s))
            .toList();
    String how;
    List<String> any;
    List<String> selected;
    switch (random.nextInt(3)) {
      case 0 -> {
        double threshold =
            random.nextBoolean()
                ? scores.get(all.get(random.nextInt(all.size())))
                : random.nextInt(-10, 11) / 10.0;
        how = "threshold=" + threshold;
        any = all.stream().filter(s -> scores.get(s) >= threshold).toList();
        selected = left.stream().filter(s -> scores.get(s) >= threshold).toList();
      }
      case 1 -> {
        int top = 1 + random.nextInt(all.size() + 2);
        how = "top=" + top;
        any = all.stream().limit(top).toList();
        selected = left.stream().limit(top).toList();
      }
      default -> {
        BigDecimal fraction = new BigDecimal(1 + random.nextInt(100)).movePointLeft(2);
        how = "fraction=" + fraction.toPlainString();
        any = all.stream().limit(share(fraction, all.size())).toList();
        selected = left.stream().limit(share(fraction, left.size())).toList();
      }
    }
    String path = "/runs/%s/subset?" + how + (some ? "&solved=some" : "") + query;
    JsonNode subset = asked(path).json();
    List<String> items = new ArrayList<>();
    for (JsonNode item : subset.get("items")) {
      String sample = item.get("sample").stringValue();
      items.add(sample);
      assertThat(item.get("rank").intValue()).isEqualTo(all.indexOf(sample) + 1);
      assertThat(item.get("score").doubleValue()).isEqualTo(scores.get(sample));
    }
    assertThat(items).as(path).isEqualTo(selected);
    assertThat(subset.get("size").intValue()).isEqualTo(selected.size());
    assertThat(subset.get("neverSolved").intValue())
        .isEqualTo((int) any.stream().filter(scored::neverSolved).count());
    assertThat(subset.get("alwaysSolved").intValue())
        .isEqualTo((int) any.stream().filter(scored::alwaysSolved).count());
    assertThat(subset.get("sha256").stringValue()).isEqualTo(sha256(selected));
    assertThat(asked(path + "&format=ids").json().valueStream().map(JsonNode::stringValue))
        .containsExactlyElementsOf(selected);
  }

  private static int share(BigDecimal fraction, int of) {
    return fraction
        .multiply(BigDecimal.valueOf(of))
        .setScale(0, RoundingMode.CEILING)
        .intValueExact();
  }

  private static String sha256(List<String> ids) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ids.stream()
          .sorted(Reference.BY_ID)
          .forEach(id -> digest.update((id + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void askTrajectories(
      String query, Reference reference, Scored scored, JsonNode page, Rule rule, int first) {
    List<String> population = new ArrayList<>(reference.population());
    Collections.shuffle(population, random);
    List<String> chosen = population.subList(0, Math.min(population.size(), 5));
    StringBuilder path = new StringBuilder("/runs/%s/trajectories?sample=");
    path.append(String.join("&sample=", chosen.stream().map(Http::query).toList()));
    // the format string is the run's place only
    String escaped = path.toString().replace("%", "%%").replace("%%s", "%s") + query;
    JsonNode answer = asked(escaped).json();
    Map<String, JsonNode> ranked = new TreeMap<>();
    page.get("items").forEach(item -> ranked.put(item.get("sample").stringValue(), item));
    Set<String> seen = new HashSet<>();
    for (JsonNode item : answer.get("items")) {
      String sample = item.get("sample").stringValue();
      seen.add(sample);
      JsonNode inRanking = ranked.get(sample);
      assertThat(item.has("rank")).isEqualTo(inRanking != null);
      assertThat(item.has("score")).isEqualTo(inRanking != null);
      if (inRanking != null) {
        assertThat(item.get("rank")).isEqualTo(inRanking.get("rank"));
        assertThat(item.get("score")).isEqualTo(inRanking.get("score"));
      }
      List<Integer> epochs = new ArrayList<>();
      for (JsonNode each : item.get("epochs")) {
        int epoch = each.get("epoch").intValue();
        epochs.add(epoch);
        Cell cell = scored.cells(sample).get(epoch);
        assertThat(cell).as("%s in epoch %d", sample, epoch).isNotNull();
        assertThat(each.get("reward").doubleValue()).isEqualTo(cell.reward(rule.reward()));
        assertThat(each.get("rollouts").intValue()).isEqualTo(cell.rollouts());
        Scored then = reference.score(first, epoch);
        if (!then.doubtful()) {
          Score score = then.scores().get(sample);
          assertThat(each.has("score"))
              .as("%s %s after epoch %d", query, sample, epoch)
              .isEqualTo(score != null);
          if (score != null) {
            assertThat(score.admits(each.get("score").doubleValue()))
                .as("%s after epoch %d: %s, not %s", sample, epoch, each.get("score"), score)
                .isTrue();
          }
        }
      }
      assertThat(epochs).isEqualTo(List.copyOf(scored.cells(sample).keySet()));
    }
    assertThat(seen).isEqualTo(Set.copyOf(chosen));
  }
}
