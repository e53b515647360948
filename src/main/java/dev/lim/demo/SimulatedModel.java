package dev.lim.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A model that learns to solve {@value #PROMPTS} prompts of hidden difficulty. Deterministic: the
 * same seed, epoch and step give the same rewards, so that a step can be done again. Thread-safe.
 *
 * <p>A prompt is solved with the probability of item response theory's two-parameter model, {@code
 * 1 / (1 + exp(-sharpness * (ability - difficulty)))}, where the ability grows and levels off. Some
 * prompts are never solved, as their reference answer is wrong; some always are; some are forgotten
 * as the model learns the others.
 */
final class SimulatedModel {

  static final int PROMPTS = 2_000;
  static final int STEPS = 8;
  static final int ROLLOUTS = 8;

  /** What is left of an epoch after {@value #STEPS} of these is dropped, 80 prompts. */
  private static final int BATCH = 240;

  private static final double FIRST_ABILITY = -1.5;
  private static final double LAST_ABILITY = 3;
  private static final double EPOCHS_TO_LEARN = 14;

  private final List<Prompt> prompts = prompts();
  private final long seed;

  SimulatedModel(long seed) {
    this.seed = seed;
  }

  /** The rollout rewards, 0 or 1 each, of one sample. */
  record SampleRewards(String sample, int[] values) {}

  private enum Kind {
    ORDINARY,
    MISLABELLED,
    TRIVIAL,
    FORGOTTEN
  }

  private record Prompt(
      String id, String question, long answer, Kind kind, double difficulty, double sharpness) {

    double solvedAt(double ability) {
      return switch (kind) {
        case ORDINARY -> logistic(sharpness * (ability - difficulty));
        case MISLABELLED -> 0;
        case TRIVIAL -> 1;
        case FORGOTTEN -> logistic(0.6 * (0.3 * difficulty - ability));
      };
    }

    private static double logistic(double x) {
      return 1 / (1 + Math.exp(-x));
    }
  }

  /** The same for every seed: runs train on one dataset. */
  private static List<Prompt> prompts() {
    Random random = new Random(2502_11886);
    return IntStream.rangeClosed(1, PROMPTS).mapToObj(i -> prompt(i, random)).toList();
  }

  private static Prompt prompt(int number, Random random) {
    double share = random.nextDouble();
    Kind kind =
        share < 0.06
            ? Kind.MISLABELLED
            : share < 0.11 ? Kind.TRIVIAL : share < 0.15 ? Kind.FORGOTTEN : Kind.ORDINARY;
    double difficulty = 0.4 + 2.2 * random.nextGaussian();
    double sharpness = Math.exp(0.2 + 0.45 * random.nextGaussian());
    int factor = kind == Kind.TRIVIAL ? 1 : (int) Math.pow(10, Math.clamp(difficulty + 2, 1, 5));
    long a = 1 + random.nextInt(9 * factor);
    long b = 1 + random.nextInt(9 * factor);
    return new Prompt(
        String.format(Locale.ROOT, "prompt-%04d", number),
        "What is " + a + " times " + b + "?",
        kind == Kind.MISLABELLED ? a + b + 1 : a * b,
        kind,
        difficulty,
        sharpness);
  }

  /** The dataset as NDJSON, a record {@code {"id", "prompt", "answer"}} a line. */
  static String records() {
    return prompts().stream()
        .map(prompt ->
            "{\"id\": \"%s\", \"prompt\": \"%s\", \"answer\": \"%s\"}\n"
                .formatted(prompt.id(), prompt.question(), prompt.answer()))
        .collect(Collectors.joining());
  }

  /**
   * An epoch's {@value #STEPS} batches: the dataset in an order of its own, but for the last 80.
   */
  List<List<SampleRewards>> epoch(int epoch) {
    Random random = new Random(seed * 1_000_003 + epoch);
    double learned = 1 - Math.exp(-(epoch - 1) / EPOCHS_TO_LEARN);
    double ability =
        FIRST_ABILITY + (LAST_ABILITY - FIRST_ABILITY) * learned + 0.08 * random.nextGaussian();
    List<Prompt> order = new ArrayList<>(prompts);
    Collections.shuffle(order, random);
    return IntStream.range(0, STEPS)
        .mapToObj(step ->
            order.subList(step * BATCH, (step + 1) * BATCH).stream()
                .map(prompt -> rollouts(prompt, ability, random))
                .toList())
        .toList();
  }

  private static SampleRewards rollouts(Prompt prompt, double ability, Random random) {
    double solved = prompt.solvedAt(ability);
    int[] values = new int[ROLLOUTS];
    for (int i = 0; i < ROLLOUTS; i++) {
      values[i] = random.nextDouble() < solved ? 1 : 0;
    }
    return new SampleRewards(prompt.id(), values);
  }
}
