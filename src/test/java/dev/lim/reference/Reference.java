package dev.lim.reference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * LIM written down once more, in the plainest way: from batches to scores, in doubles and maps,
 * without a line of the service's code. What the service answers is held against it.
 *
 * <pre>
 *   r_avg^k = (1/N) * sum_i r_i^k
 *   s_i     = 1 - sum_k (r_i^k - r_avg^k)^2 / sum_k (R - r_avg^k)^2
 * </pre>
 */
public final class Reference {

  /** The byte order of sample ids. */
  public static final Comparator<String> BY_ID =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  /** A batch in force: for each sample its rollout rewards. */
  public record Batch(
      int epoch, String key, @Nullable Long step, Map<String, List<Float>> rewards) {

    boolean isWhole() {
      return key.equals("epoch");
    }
  }

  /** How rewards are read, all defaults filled in. */
  public record Rule(
      String reward, float correctAt, float rewardMax, String missing, int minEpochs) {

    double highest() {
      return reward.equals("accuracy") ? 1 : rewardMax;
    }
  }

  /** What is in force for a sample in an epoch. */
  public record Cell(double sum, int rollouts, int solved, int aboveMax) {

    /** r_i^k in double, as answers show it. */
    public double reward(String kind) {
      return (kind.equals("mean") ? sum : solved) / rollouts;
    }
  }

  /** A score, and how far a plain double implementation may be from it. */
  public record Score(double value, double tolerance) {

    public boolean admits(double other) {
      return Math.abs(other - value) <= tolerance;
    }
  }

  private final Rule rule;
  private final NavigableMap<Integer, Map<String, Cell>> epochs = new TreeMap<>();

  /**
   * @param inForce in the order of their revisions
   */
  public Reference(List<Batch> inForce, Rule rule) {
    this.rule = rule;
    for (Batch batch : inForce) {
      Map<String, Cell> epoch = epochs.computeIfAbsent(batch.epoch, _ -> new HashMap<>());
      batch.rewards.forEach((sample, values) ->
          epoch.put(sample, add(epoch.getOrDefault(sample, new Cell(0, 0, 0, 0)), values)));
    }
  }

  private Cell add(Cell cell, List<Float> values) {
    double sum = cell.sum;
    int solved = cell.solved;
    int aboveMax = cell.aboveMax;
    for (float value : values) {
      sum += value;
      if (value >= rule.correctAt) {
        solved++;
      }
      if (value > rule.rewardMax) {
        aboveMax++;
      }
    }
    return new Cell(sum, cell.rollouts + values.size(), solved, aboveMax);
  }

  /** The cells of the epochs with rewards in force, ascending. */
  public NavigableMap<Integer, Map<String, Cell>> epochs() {
    return epochs;
  }

  public Rule rule() {
    return rule;
  }

  /** The samples with a rollout in force anywhere in the run. */
  public Set<String> population() {
    Set<String> population = new TreeSet<>(BY_ID);
    epochs.values().forEach(epoch -> population.addAll(epoch.keySet()));
    return population;
  }

  /**
   * The epoch to score through where none is named; 0 without rewards.
   *
   * @param complete the epochs that are complete
   */
  public int usualThrough(Set<Integer> complete) {
    int fullest = epochs.values().stream().mapToInt(Map::size).max().orElse(0);
    List<Integer> full =
        epochs.keySet().stream().filter(k -> epochs.get(k).size() * 2 >= fullest).toList();
    return full.stream()
        .filter(complete::contains)
        .max(Integer::compare)
        .orElse(full.isEmpty() ? 0 : full.getLast());
  }

  /** The samples scored over the epochs from {@code from} to {@code through}, both included. */
  public Scored score(int from, int through) {
    return new Scored(from, through);
  }

  /** What the chosen epochs say. */
  public final class Scored {

    private final List<Integer> chosen = new ArrayList<>();
    private final List<Integer> empty = new ArrayList<>();
    private final Map<Integer, Double> averages = new TreeMap<>();

    /** By epoch, how far an average may be off by the order in which it was summed. */
    private final Map<Integer, Double> doubts = new TreeMap<>();

    private final Map<String, Map<Integer, Float>> histories = new TreeMap<>(BY_ID);
    private final Map<String, Score> scores = new TreeMap<>(BY_ID);
    private boolean undefined;
    private boolean doubtful;

    private Scored(int from, int through) {
      for (int k = from; k <= through; k++) {
        (epochs.containsKey(k) ? chosen : empty).add(k);
      }
      for (String sample : population()) {
        Map<Integer, Float> row = filled(sample);
        int least = rule.missing.equals("observed") ? Math.max(1, rule.minEpochs) : chosen.size();
        if (!row.isEmpty() && row.size() >= least) {
          histories.put(sample, row);
        }
      }
      for (int k : chosen) {
        average(
            k,
            histories.values().stream().filter(r -> r.containsKey(k)).map(r -> r.get(k)).toList());
      }
      double total = 0;
      double doubt = 0;
      for (int k : averages.keySet()) {
        total += square(rule.highest() - averages.get(k));
        doubt += doubts.get(k);
      }
      undefined = !averages.isEmpty() && total == 0;
      doubtful = doubt > 0 && total <= 4 * chosen.size() * square(doubt);
      if (!undefined) {
        histories.forEach(this::score);
      }
    }

    /** r_i^k by chosen epoch, as float32, absent ones filled in as the rule says. */
    private Map<Integer, Float> filled(String sample) {
      Map<Integer, Float> row = new TreeMap<>();
      for (int i = 0; i < chosen.size(); i++) {
        Float reward = observed(sample, i);
        if (reward == null && rule.missing.equals("backfill")) {
          reward = observed(sample, i + 1);
        }
        if (reward == null && rule.missing.equals("carry") && i > 0) {
          reward = row.get(chosen.get(i - 1));
        }
        if (reward != null) {
          row.put(chosen.get(i), reward);
        }
      }
      return row;
    }

    private @Nullable Float observed(String sample, int index) {
      if (index >= chosen.size()) {
        return null;
      }
      Cell cell = epochs.get(chosen.get(index)).get(sample);
      return cell == null ? null : (float) cell.reward(rule.reward);
    }

    private void average(int epoch, List<Float> rewards) {
      if (rewards.isEmpty()) {
        return;
      }
      double sum = 0;
      double magnitude = 0;
      float least = Float.MAX_VALUE;
      for (float reward : rewards) {
        sum += reward;
        magnitude += Math.abs(reward);
        if (reward != 0) {
          least = Math.min(least, Math.abs(reward));
        }
      }
      averages.put(epoch, sum / rewards.size());
      // All are multiples of the ulp of the least: below 2^53 of these no order of adding rounds.
      boolean exact = magnitude <= 0x1p53 * Math.ulp(least);
      doubts.put(epoch, exact ? 0 : magnitude * 0x1p-52);
    }

    private void score(String sample, Map<Integer, Float> row) {
      double numerator = 0;
      double denominator = 0;
      double numeratorDoubt = 0;
      double denominatorDoubt = 0;
      for (int k : row.keySet()) {
        double average = averages.get(k);
        double doubt = doubts.get(k);
        numerator += square(row.get(k) - average);
        denominator += square(rule.highest() - average);
        numeratorDoubt += 2 * Math.abs(row.get(k) - average) * doubt + square(doubt);
        denominatorDoubt += 2 * Math.abs(rule.highest() - average) * doubt + square(doubt);
      }
      if (denominatorDoubt > 0 && denominatorDoubt >= denominator / 2) {
        doubtful = true;
      }
      if (denominator == 0) {
        return;
      }
      double score = 1 - numerator / denominator;
      double doubt =
          denominatorDoubt < denominator
              ? (numeratorDoubt + numerator / denominator * denominatorDoubt)
                  / (denominator - denominatorDoubt)
              : Double.POSITIVE_INFINITY;
      scores.put(sample, new Score(score, 1e-6 * Math.max(1, Math.abs(score)) + doubt));
    }

    public List<Integer> chosen() {
      return chosen;
    }

    public List<Integer> empty() {
      return empty;
    }

    /** r_i^k by chosen epoch, absent ones filled in, of the samples that the rule scores. */
    public Map<String, Map<Integer, Float>> histories() {
      return histories;
    }

    /** r_avg^k by chosen epoch; none where nobody counts. */
    public Map<Integer, Double> averages() {
      return averages;
    }

    public Map<Integer, Double> doubts() {
      return doubts;
    }

    /** Of the samples that have one. */
    public Map<String, Score> scores() {
      return scores;
    }

    /** Whether no score exists because the average equals the highest reward in every epoch. */
    public boolean undefined() {
      return undefined;
    }

    /**
     * Whether rounding alone decides if a score exists: averages of sums that cancel, as of 1e30
     * and -1e30, at the highest reward. Nothing is promised about scores then.
     */
    public boolean doubtful() {
      return doubtful;
    }

    /** Whether no sum of rewards rounds, so that every order of adding gives the same bits. */
    public boolean exact() {
      return doubts.values().stream().allMatch(doubt -> doubt == 0);
    }

    /** By descending score, ties by sample id. */
    public List<String> ranking() {
      return scores.keySet().stream()
          .sorted(
              Comparator.comparing((String sample) -> -scores.get(sample).value)
                  .thenComparing(BY_ID))
          .toList();
    }

    /** What is in force for a sample in the chosen epochs. */
    public NavigableMap<Integer, Cell> cells(String sample) {
      NavigableMap<Integer, Cell> cells = new TreeMap<>();
      for (int k : chosen) {
        Cell cell = epochs.get(k).get(sample);
        if (cell != null) {
          cells.put(k, cell);
        }
      }
      return cells;
    }

    public boolean neverSolved(String sample) {
      return cells(sample).values().stream().allMatch(cell -> cell.solved == 0);
    }

    public boolean alwaysSolved(String sample) {
      return cells(sample).values().stream().allMatch(cell -> cell.solved == cell.rollouts);
    }
  }

  private static double square(double x) {
    return x * x;
  }
}
