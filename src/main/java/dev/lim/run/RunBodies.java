package dev.lim.run;

import dev.lim.scoring.MissingRule;
import dev.lim.web.JsonObject;
import dev.lim.web.Limits;
import dev.lim.web.Slug;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads settings from the bodies of PUT and PATCH. */
final class RunBodies {

  private static final int LONGEST_TAG = 1024;

  private RunBodies() {}

  /**
   * @param dataset as named, or null
   * @param tagsGiven whether tags were named, even if none
   */
  record Creation(@Nullable String dataset, RunSettings settings, boolean tagsGiven) {}

  static Creation creation(JsonObject body, Limits limits) {
    Optional<String> dataset = body.text("dataset");
    if (dataset.isPresent() && !Slug.matches(dataset.get())) {
      body.reject("dataset", Slug.RULE);
    }
    RunSettings settings = change(body, RunSettings.DEFAULT, limits);
    body.done();
    return new Creation(dataset.orElse(null), settings, body.has("tags"));
  }

  /** A merge patch: null is the default again, tags are merged one by one. */
  static RunSettings patch(JsonObject body, RunSettings present, Limits limits) {
    RunSettings settings = change(body, present, limits);
    if (body.has("dataset")) {
      body.text("dataset");
      body.reject("dataset", "cannot be changed: a run belongs to its dataset");
    }
    body.done();
    return settings;
  }

  private static RunSettings change(JsonObject body, RunSettings present, Limits limits) {
    RunSettings usual = RunSettings.DEFAULT;
    Optional<RewardKind> reward = body.choice("reward", RewardKind::of, RewardKind.codes());
    Optional<MissingRule> missing = body.choice("missing", MissingRule::of, MissingRule.codes());
    Optional<Float> correctAt = body.float32("correctAt");
    Optional<Float> rewardMax = body.float32("rewardMax");
    Optional<Long> batches = body.whole("batchesPerEpoch", 1, 1_000_000);
    Optional<Boolean> closed = body.flag("closedDataset");
    return new RunSettings(
        reward.orElse(body.isNull("reward") ? usual.reward() : present.reward()),
        correctAt.orElse(body.isNull("correctAt") ? null : present.correctAt()),
        rewardMax.orElse(body.isNull("rewardMax") ? usual.rewardMax() : present.rewardMax()),
        missing.orElse(body.isNull("missing") ? usual.missing() : present.missing()),
        batches
            .map(Long::intValue)
            .orElse(body.isNull("batchesPerEpoch") ? null : present.batchesPerEpoch()),
        closed.orElse(
            body.isNull("closedDataset") ? usual.closedDataset() : present.closedDataset()),
        tags(body, present.tags(), limits));
  }

  private static Map<String, String> tags(
      JsonObject body, Map<String, String> present, Limits limits) {
    Optional<Map<String, @Nullable String>> given = body.texts("tags");
    if (given.isEmpty()) {
      return body.isNull("tags") ? Map.of() : present;
    }
    Map<String, String> tags = new TreeMap<>(present);
    for (Map.Entry<String, @Nullable String> tag : given.get().entrySet()) {
      String value = tag.getValue();
      if (value == null) {
        tags.remove(tag.getKey());
      } else if (isStorable(tag.getKey(), 128) && isStorable(value, LONGEST_TAG)) {
        tags.put(tag.getKey(), value);
      } else {
        body.reject(
            "tags",
            "a tag's name has 1 to 128 characters and its value up to 1,024, none of them NUL or a lone surrogate");
      }
    }
    if (tags.size() > limits.tags()) {
      body.reject("tags", "must be at most " + limits.tags());
    }
    return new LinkedHashMap<>(tags);
  }

  static boolean isStorable(String text, int longest) {
    return text.length() <= longest
        && text.indexOf(0) < 0
        && text.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff)
        && (longest == LONGEST_TAG || !text.isEmpty());
  }
}
