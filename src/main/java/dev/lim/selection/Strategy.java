package dev.lim.selection;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A rule that turns reward histories into scores. Implementations are stateless beans, found by
 * their {@link #name}.
 *
 * <p>A rule on histories (r_i^k over the chosen epochs) scores whom LIM would score, and takes the
 * rewards that the missing rule fills in: see {@link Chosen#histories}. A rule on rollouts looks at
 * those that were really observed, and scores who has any in the chosen epochs: see {@link
 * Chosen#observed}.
 */
public interface Strategy {

  /** What users read about a strategy. */
  @Schema(name = "Strategy")
  record Description(
      @Schema(example = "lim") String strategy,
      @Schema(description = "What it is for") String summary,
      @Schema(example = "s_i = 1 - sum_k (r_i^k - r_avg^k)^2 / sum_k (R - r_avg^k)^2")
          String formula,
      @Schema(description = "Its parameters beside those of every scoring call")
          List<StrategyParameter> parameters,
      @Schema(description = "Values of these that others have used; empty where none are known")
          List<Preset> presets,
      @Schema(description = "Where it comes from") String source) {}

  /** Values of a strategy's own parameters that others have used. */
  @Schema(name = "StrategyPreset")
  record Preset(
      @Schema(example = "polaris") String preset,
      @Schema(description = "To be given by name, as in lo=0&hi=0.9")
          Map<String, Object> parameters,
      @Schema(description = "What it does, and who uses it") String description) {}

  /** By which clients ask for it. */
  String name();

  Description description();

  /**
   * Refuses values that do not go together.
   *
   * @param reject takes the name of a parameter, and what it must be
   */
  default void check(OwnParameters own, BiConsumer<String, String> reject) {}

  /**
   * Scores the chosen epochs.
   *
   * @param own the values of the parameters that {@link #description} lists
   * @param before what this strategy answered for the same run and parameters at an earlier
   *     revision, or null; reusing it must not change a bit of the answer
   */
  Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before);

  /** A strategy's answer, by row of the matrix; immutable. */
  interface Scores {

    /**
     * By row; NaN where unscored. A strategy that filters leaves unscored what it drops. Do not
     * modify.
     */
    double[] scores();

    /**
     * How often a row is to be drawn for the next batch, in proportion: the score, where it is
     * above 0, else 0. That is what a strategy that weighs has as its score, and fits a ranking by
     * usefulness, of which 0 is the least; a strategy whose scores mean something else says so
     * here.
     */
    default double weight(int row) {
      double score = scores()[row];
      return score > 0 ? score : 0;
    }

    /** How many rows have a score. */
    int scored();

    /** Whether the formula has no answer, because the average equals the highest reward. */
    default boolean undefined() {
      return false;
    }

    /**
     * r_avg^k over the rows with a score, by chosen epoch that is not empty; NaN where nobody
     * counts. Do not modify.
     */
    double[] averages();
  }
}
