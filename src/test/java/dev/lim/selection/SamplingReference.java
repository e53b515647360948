package dev.lim.selection;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The strategies that weigh for draws, written down once more in the plainest way: over lists of
 * 0/1 rollouts by epoch and sample.
 */
final class SamplingReference {

  /** By epoch that is not empty, by sample, its rollout rewards. */
  private final NavigableMap<Integer, Map<String, List<Integer>>> epochs;

  SamplingReference(NavigableMap<Integer, Map<String, List<Integer>>> epochs) {
    this.epochs = epochs;
  }

  Map<String, Double> pools(
      double hardAt, double easyAbove, double hard, double normal, double easy) {
    Map<String, Double> weights = new HashMap<>();
    epochs
        .values()
        .forEach(epoch ->
            epoch.forEach((sample, rollouts) -> {
              double mean = mean(rollouts);
              weights.put(sample, mean <= hardAt ? hard : mean <= easyAbove ? normal : easy);
            }));
    return weights;
  }

  Map<String, Double> greso(
      double easyAt, double hardAt, double easyKeep, double hardKeep, double floor) {
    Map<String, Double> weights = new HashMap<>();
    Map<String, List<Double>> traces = new HashMap<>();
    epochs
        .values()
        .forEach(epoch ->
            epoch.forEach((sample, rollouts) ->
                traces.computeIfAbsent(sample, _ -> new ArrayList<>()).add(mean(rollouts))));
    traces.forEach((sample, trace) -> {
      int easy = 0;
      while (easy < trace.size() && trace.get(trace.size() - 1 - easy) >= easyAt) {
        easy++;
      }
      int hard = 0;
      while (hard < trace.size() && trace.get(trace.size() - 1 - hard) <= hardAt) {
        hard++;
      }
      double weight = easy > 0 ? Math.pow(easyKeep, easy) : hard > 0 ? Math.pow(hardKeep, hard) : 1;
      weights.put(sample, Math.max(weight, floor));
    });
    return weights;
  }

  Map<String, Double> bots(double fade, double priorSolved, double priorUnsolved, double target) {
    Map<String, double[]> beliefs = beliefs(1 - fade, priorSolved, priorUnsolved, true);
    Map<String, Double> scores = new HashMap<>();
    beliefs.forEach((sample, belief) ->
        scores.put(sample, -Math.abs(belief[0] / (belief[0] + belief[1]) - target)));
    return scores;
  }

  Map<String, Double> mopps(
      double keep, double priorSolved, double priorUnsolved, double target, long seed) {
    Map<String, double[]> beliefs = beliefs(keep, priorSolved, priorUnsolved, false);
    Map<String, Double> scores = new HashMap<>();
    beliefs.forEach((sample, belief) -> {
      Chance chance = new Chance(Chance.bits(seed, 0x6d6f707073L), fnv1a(sample));
      double drawn = Variates.beta(chance, belief[0], belief[1]);
      scores.put(sample, -Math.abs(drawn - target));
    });
    return scores;
  }

  /** Probabilities over another strategy's scores. */
  Map<String, Double> plr(Map<String, Double> over, double temperature, double staleness) {
    List<String> ranked = new ArrayList<>(over.keySet());
    ranked.sort(
        Comparator.comparing((String sample) -> -over.getOrDefault(sample, Double.NaN))
            .thenComparing(s -> s));
    Map<String, Double> byRank = new HashMap<>();
    Map<String, Double> stale = new HashMap<>();
    for (int i = 0; i < ranked.size(); i++) {
      byRank.put(ranked.get(i), Math.pow(1.0 / (i + 1), 1 / temperature));
      int since = 0;
      for (Map<String, List<Integer>> epoch : epochs.descendingMap().values()) {
        if (epoch.containsKey(ranked.get(i))) {
          break;
        }
        since++;
      }
      stale.put(ranked.get(i), (double) since);
    }
    double sumByRank = byRank.values().stream().mapToDouble(x -> x).sum();
    double sumStale = stale.values().stream().mapToDouble(x -> x).sum();
    Map<String, Double> weights = new HashMap<>();
    for (String sample : ranked) {
      double byScore = byRank.getOrDefault(sample, Double.NaN) / sumByRank;
      weights.put(
          sample,
          sumStale == 0
              ? byScore
              : (1 - staleness) * byScore
                  + staleness * stale.getOrDefault(sample, Double.NaN) / sumStale);
    }
    return weights;
  }

  private Map<String, double[]> beliefs(
      double keep, double priorSolved, double priorUnsolved, boolean absentForgets) {
    Map<String, double[]> beliefs = new TreeMap<>();
    epochs
        .values()
        .forEach(epoch ->
            epoch
                .keySet()
                .forEach(sample -> {
                  beliefs.put(sample, new double[] {priorSolved, priorUnsolved});
                }));
    epochs
        .values()
        .forEach(epoch ->
            beliefs.forEach((sample, belief) -> {
              List<Integer> rollouts = epoch.getOrDefault(sample, List.of());
              if (absentForgets || !rollouts.isEmpty()) {
                long solved = rollouts.stream().filter(reward -> reward == 1).count();
                belief[0] = keep * belief[0] + (1 - keep) * priorSolved + solved;
                belief[1] =
                    keep * belief[1] + (1 - keep) * priorUnsolved + rollouts.size() - solved;
              }
            }));
    return beliefs;
  }

  private static double mean(List<Integer> rollouts) {
    return (float) rollouts.stream().mapToInt(reward -> reward).average().orElseThrow();
  }

  static long fnv1a(String id) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ b & 0xff) * 0x100000001b3L;
    }
    return hash;
  }
}
