package dev.lim.selection;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule that turns reward histories into scores. Implementations are stateless beans, found by
 * their {@link #name}.
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
          List<ParameterDescription> parameters,
      @Schema(description = "Where it comes from") String source) {}

  /** A parameter of a strategy's own. */
  @Schema(name = "StrategyParameter")
  record ParameterDescription(
      String name, String type, @Nullable String defaultValue, String range, String description) {}

  /** By which clients ask for it. */
  String name();

  Description description();

  /**
   * Scores the chosen epochs.
   *
   * @param before what this strategy answered for the same run and parameters at an earlier
   *     revision, or null; reusing it must not change a bit of the answer
   */
  Scores score(Chosen chosen, @Nullable Scores before);

  /** A strategy's answer, by row of the matrix; immutable. */
  interface Scores {

    /** By row; NaN where unscored. Do not modify. */
    double[] scores();

    /** How many rows have a score. */
    int scored();

    /** Whether the formula has no answer, because the average equals the highest reward. */
    boolean undefined();

    /** r_avg^k by chosen epoch that is not empty; NaN where nobody counts. Do not modify. */
    double[] averages();
  }
}
