package dev.lim.selection;

import dev.lim.run.RunSettings;
import java.time.Instant;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A frozen subset, but for its samples. Immutable, as what it stands for.
 *
 * @param run whose samples they are
 * @param request the parameters that it was asked for with, as given: JSON, in one form only
 * @param selectedBy what they stood for when it was frozen: a JSON object
 * @param revision of the run that it was selected from
 */
record FrozenSubset(
    String run,
    String name,
    String request,
    String selectedBy,
    int size,
    String sha256,
    long revision,
    Instant createdAt) {

  private static final Set<String> KEPT_BESIDE = Set.of("run", "revision", "size", "sha256");

  static FrozenSubset of(
      String name,
      String request,
      ScoringParameters parameters,
      Scored scored,
      ObjectNode about,
      Instant now,
      JsonMapper json) {
    RunSettings settings = scored.state().settings();
    ObjectNode selectedBy = json.createObjectNode();
    about
        .properties()
        .forEach(field -> {
          if (field.getKey().equals("selection")) {
            selectedBy.put("correctAt", parameters.correctAt(settings));
            selectedBy.put("rewardMax", parameters.rewardMax(settings));
            selectedBy.put("minEpochs", parameters.minEpochs());
          }
          if (!KEPT_BESIDE.contains(field.getKey())) {
            selectedBy.set(field.getKey(), field.getValue());
          }
        });
    return new FrozenSubset(
        scored.state().run(),
        name,
        request,
        json.writeValueAsString(selectedBy),
        about.get("size").intValue(),
        about.get("sha256").stringValue(),
        scored.state().revision(),
        now);
  }

  /** All that its JSON says but the items. */
  ObjectNode about(JsonMapper json) {
    ObjectNode about = json.createObjectNode();
    about.put("name", name);
    about.put("createdAt", createdAt.toString());
    about.put("run", run);
    about.put("revision", revision);
    json.reader()
        .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .readTree(selectedBy)
        .properties()
        .forEach(field -> about.set(field.getKey(), field.getValue()));
    about.put("size", size);
    about.put("sha256", sha256);
    return about;
  }
}
