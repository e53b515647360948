package dev.lim.reward;

import dev.lim.dataset.SampleIds;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Violations;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch whose content is valid, as it was sent.
 *
 * @param ordinals by sample; below 0: -1 less the sample's place among {@code unknown}
 * @param unknown ids that the dataset did not have, in order, each with the index of its sample
 */
record ParsedBatch(
    @Nullable Integer epoch,
    @Nullable String batch,
    @Nullable Long step,
    int[] ordinals,
    int[] rollouts,
    float[] values,
    Map<String, Integer> unknown) {

  /**
   * @throws ProblemException 422, naming the unknown samples, where there are some
   */
  void requireKnown() {
    if (unknown.isEmpty()) {
      return;
    }
    Violations violations = new Violations();
    unknown.forEach((id, index) -> {
      if (violations.full()) {
        violations.count(1);
      } else {
        violations.at("#/rewards/" + index + "/sample", "the closed dataset has no sample " + id);
      }
    });
    throw violations.asProblem(ProblemType.UNKNOWN_SAMPLES);
  }

  /** The same content for another dataset than the one that it was read for. */
  ParsedBatch moved(SampleIds from, SampleIds to) {
    String[] names = unknown.keySet().toArray(String[]::new);
    Map<String, Integer> unknownThere = new LinkedHashMap<>();
    int[] there = new int[ordinals.length];
    for (int i = 0; i < there.length; i++) {
      String id = ordinals[i] >= 0 ? from.id(ordinals[i]) : names[-ordinals[i] - 1];
      there[i] = to.find(id);
      if (there[i] < 0) {
        unknownThere.put(id, i);
        there[i] = -unknownThere.size();
      }
    }
    return new ParsedBatch(epoch, batch, step, there, rollouts, values, unknownThere);
  }

  /**
   * The content, when all its samples have been registered.
   *
   * @throws ProblemException 422 where a sample stands in it twice, which the reader cannot see
   *     when somebody else registers the sample between its two places
   */
  Rewards resolve(SampleIds ids) {
    if (!unknown.isEmpty()) {
      int[] fresh = unknown.keySet().stream().mapToInt(ids::find).toArray();
      for (int i = 0; i < ordinals.length; i++) {
        if (ordinals[i] < 0) {
          ordinals[i] = fresh[-ordinals[i] - 1];
        }
      }
    }
    Rewards rewards = Rewards.sorted(ordinals, rollouts, values);
    for (int i = 1; i < rewards.samples(); i++) {
      if (rewards.ordinals()[i] == rewards.ordinals()[i - 1]) {
        throw ProblemException.at(
            ProblemType.INVALID_CONTENT,
            "#/rewards",
            "The sample " + ids.id(rewards.ordinals()[i]) + " stands in this batch twice");
      }
    }
    return rewards;
  }
}
