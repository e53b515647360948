package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.selection.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a run has more to say about the subset, in plain language. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Verdict", description = "Whether more epochs would still change the subset")
record Verdict(
    @Schema(example = "true") boolean settled,
    @Schema(
            description = "The first epoch of those that have been settled; absent where not",
            example = "8")
        @Nullable Integer since,
    @Schema(
            description = "What settled means here",
            example = "The subset is settled from the first epoch on ...")
        String rule,
    @Schema(example = "The top 575 is settled since epoch 18.") String text) {

  /**
   * The most that a settled subset may change, 1 - Jaccard, over {@link Stability#WINDOW} epochs.
   */
  private static final double CHANGE = 0.05;

  /**
   * The verdict on what was seen.
   *
   * @param luck the Jaccard of two runs that differ in nothing but luck; NaN where that is not
   *     known
   */
  static Verdict of(Stability stability, Selection selection, double luck) {
    int epochs = stability.items().size();
    int first = epochs;
    while (first > 0 && isSteady(stability, first - 1, selection, luck)) {
      first--;
    }
    boolean settled = first < epochs;
    Integer since = settled ? stability.items().get(first).epoch() : null;
    return new Verdict(
        settled,
        since,
        rule(selection, luck),
        settled
            ? settled(selection, String.valueOf(since), luck)
            : unsettled(stability, selection, luck));
  }

  private static boolean isSteady(Stability stability, int k, Selection selection, double luck) {
    double change = 1 - stability.lately()[k];
    return change < CHANGE
        && !(change > 1 - luck)
        && (selection.threshold() == null || stability.items().get(k).neverSolved() == 0);
  }

  private static String rule(Selection selection, double luck) {
    return "Settled is a subset from the first epoch on at which, as at every later one, it had changed (1 - Jaccard)"
        + " by less than 5 % over "
        + Stability.WINDOW
        + " epochs"
        + (Double.isNaN(luck)
            ? ""
            : ", and by no more than luck changes it (%s %%: what two runs that differ in nothing but the luck of sampling do not share)"
                .formatted(percent(1 - luck)))
        + (selection.threshold() == null
            ? "."
            : "; under a threshold only while no sample that was never solved passes it.");
  }

  private static String settled(Selection selection, String since, double luck) {
    return "%s has been settled since epoch %s: from there on it changed by less than 5 %% over any %d epochs%s. More epochs would say little more."
        .formatted(
            capital(name(selection)),
            since,
            Stability.WINDOW,
            Double.isNaN(luck)
                ? ""
                : ", which is within what luck changes (two runs that differ in luck only share %s %%)"
                    .formatted(percent(luck)));
  }

  private static String unsettled(Stability stability, Selection selection, double luck) {
    int epochs = stability.items().size();
    if (epochs == 0) {
      return "There are no rewards in the chosen epochs.";
    }
    Stability.Item last = stability.items().getLast();
    if (selection.threshold() != null && last.neverSolved() > 0) {
      return "Not settled, however steady it looks: %d samples that were never solved pass the threshold, because the average reward is still low. They leave when it rises, and others with them.%s A top of n settles much earlier than a threshold: ask for top instead."
          .formatted(
              last.neverSolved(),
              selection.solved().equals("any")
                  ? " solved=some drops them at once."
                  : " They are dropped here already, the others are not.");
    }
    if (epochs <= Stability.WINDOW) {
      return "Too early to say: it takes %d epochs with rewards, there are %d."
          .formatted(Stability.WINDOW + 1, epochs);
    }
    double change = 1 - stability.lately()[epochs - 1];
    return "Not settled: over the last %d epochs %s changed by %s %%%s.%s"
        .formatted(
            Stability.WINDOW,
            name(selection),
            percent(change),
            change < CHANGE && change > 1 - luck
                ? ", which is more than the %s %% that luck alone changes"
                    .formatted(percent(1 - luck))
                : "",
            selection.threshold() == null
                ? ""
                : " A threshold cuts deeper as the average reward rises; a top of n settles earlier.");
  }

  private static String name(Selection selection) {
    BigDecimal fraction = selection.fraction();
    if (selection.top() != null) {
      return "the top " + selection.top();
    }
    return fraction != null
        ? "the best %s %%"
            .formatted(fraction.movePointRight(2).stripTrailingZeros().toPlainString())
        : "the subset of scores from " + selection.threshold();
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  static String percent(double share) {
    return BigDecimal.valueOf(share * 100).setScale(1, RoundingMode.HALF_EVEN).toPlainString();
  }
}
