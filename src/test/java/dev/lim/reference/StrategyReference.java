package dev.lim.reference;

import dev.lim.reference.Reference.Cell;
import dev.lim.reference.Reference.Scored;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The strategies written down once more, in the plainest way, in doubles and maps, without a line
 * of the service's code.
 */
public final class StrategyReference {

  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  private final Reference reference;
  private final Scored scored;

  public StrategyReference(Reference reference, Scored scored) {
    this.reference = reference;
    this.scored = scored;
  }

  /**
   * The scores of those that have one.
   *
   * @param own the strategy's own parameters, all of them
   */
  public Map<String, Double> scores(String strategy, Map<String, String> own) {
    Map<String, Double> scores = new TreeMap<>(Reference.BY_ID);
    switch (strategy) {
      case "lim" -> scored.scores().forEach((sample, score) -> scores.put(sample, score.value()));
      case "random" ->
          scored
              .histories()
              .keySet()
              .forEach(
                  sample -> scores.put(sample, uniform(Long.parseLong(own.get("seed")), sample)));
      case "variance" ->
          scored
              .histories()
              .forEach((sample, history) -> scores.put(sample, deviation(history.values())));
      case "linear" ->
          scored.histories().forEach((sample, history) -> scores.put(sample, trend(history)));
      default -> {
        for (String sample : reference.population()) {
          Collection<Cell> cells = scored.cells(sample).values();
          boolean observed = reference.rule().missing().equals("observed");
          int least = observed ? Math.max(1, reference.rule().minEpochs()) : 1;
          Double score = cells.size() < least ? null : ofRollouts(strategy, own, cells);
          if (score != null) {
            scores.put(sample, score);
          }
        }
      }
    }
    return scores;
  }

  private static @Nullable Double ofRollouts(
      String strategy, Map<String, String> own, Collection<Cell> cells) {
    long rollouts = cells.stream().mapToLong(Cell::rollouts).sum();
    long solved = cells.stream().mapToLong(Cell::solved).sum();
    double rate = (double) solved / rollouts;
    switch (strategy) {
      case "pass-rate" -> {
        boolean kept =
            rate > Double.parseDouble(own.get("lo")) && rate < Double.parseDouble(own.get("hi"));
        return kept ? rate : null;
      }
      case "hard" -> {
        BigInteger here = BigInteger.valueOf(solved).multiply(new BigInteger(own.get("of")));
        BigInteger most = BigInteger.valueOf(rollouts).multiply(new BigInteger(own.get("atMost")));
        boolean dropped = solved == 0 && own.get("neverSolved").equals("drop");
        return here.compareTo(most) > 0 || dropped ? null : 1 - rate;
      }
      case "learnability" -> {
        return rate - rate * rate;
      }
      case "balanced" -> {
        double target = Double.parseDouble(own.get("target"));
        double farthest = Math.max(Math.abs(0 - target), Math.abs(1 - target));
        return (farthest - Math.abs(target - rate)) / farthest;
      }
      case "vcrl" -> {
        return cells.stream().mapToDouble(StrategyReference::evenness).average().orElseThrow();
      }
      case "prioritized" -> {
        return (double) (rollouts - solved) / rollouts;
      }
      case "curriculum" -> {
        return rate;
      }
      default -> throw new IllegalArgumentException("No reference for " + strategy);
    }
  }

  /** The unbiased variance of a group of zeros and ones, by the largest that it may have. */
  private static double evenness(Cell cell) {
    double most = 0;
    for (int correct = 0; correct <= cell.rollouts(); correct++) {
      most = Math.max(most, groupVariance(cell.rollouts(), correct));
    }
    return most == 0 ? 0 : groupVariance(cell.rollouts(), cell.solved()) / most;
  }

  private static double groupVariance(int rollouts, int correct) {
    double mean = (double) correct / rollouts;
    double sum = correct * (1 - mean) * (1 - mean) + (rollouts - correct) * mean * mean;
    return rollouts == 1 ? 0 : sum / (rollouts - 1);
  }

  private static double deviation(Collection<Float> rewards) {
    double mean = rewards.stream().mapToDouble(Float::doubleValue).average().orElseThrow();
    double sum = rewards.stream().mapToDouble(reward -> (reward - mean) * (reward - mean)).sum();
    return changes(rewards) ? Math.sqrt(sum / rewards.size()) : 0;
  }

  /** The covariance with the epochs' numbers, empty ones left out, by both deviations. */
  private double trend(Map<Integer, Float> history) {
    if (!changes(history.values())) {
      return 0;
    }
    List<double[]> points = new ArrayList<>();
    history.forEach(
        (epoch, reward) -> points.add(new double[] {1 + scored.chosen().indexOf(epoch), reward}));
    double meanTime = points.stream().mapToDouble(point -> point[0]).average().orElseThrow();
    double meanReward = points.stream().mapToDouble(point -> point[1]).average().orElseThrow();
    double covariance = 0;
    double times = 0;
    double rewards = 0;
    for (double[] point : points) {
      covariance += (point[0] - meanTime) * (point[1] - meanReward);
      times += (point[0] - meanTime) * (point[0] - meanTime);
      rewards += (point[1] - meanReward) * (point[1] - meanReward);
    }
    return covariance / Math.sqrt(times) / Math.sqrt(rewards);
  }

  private static boolean changes(Collection<Float> rewards) {
    // 0 and -0 are the same reward.
    return rewards.stream().mapToDouble(reward -> reward + 0.0).distinct().count() > 1;
  }

  /** SplitMix64's finalizer over the seed, then with the FNV-1a hash of the id. */
  private static double uniform(long seed, String sample) {
    BigInteger golden = new BigInteger("9e3779b97f4a7c15", 16);
    BigInteger hash = new BigInteger("cbf29ce484222325", 16);
    for (byte b : sample.getBytes(StandardCharsets.UTF_8)) {
      hash = hash.xor(BigInteger.valueOf(b & 0xff)).multiply(new BigInteger("100000001b3", 16));
      hash = hash.mod(WORD);
    }
    BigInteger mixed = mix(mix(BigInteger.valueOf(seed).add(golden)).add(hash));
    return mixed.shiftRight(11).doubleValue() / Math.pow(2, 53);
  }

  private static BigInteger mix(BigInteger bits) {
    BigInteger mixed = bits.mod(WORD);
    mixed = mixed.xor(mixed.shiftRight(30)).multiply(new BigInteger("bf58476d1ce4e5b9", 16));
    mixed = mixed.mod(WORD);
    mixed = mixed.xor(mixed.shiftRight(27)).multiply(new BigInteger("94d049bb133111eb", 16));
    mixed = mixed.mod(WORD);
    return mixed.xor(mixed.shiftRight(31));
  }
}
