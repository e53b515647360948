package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.reward.EpochColumn.RowValues;
import dev.lim.scoring.Histories;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The observed rollouts of each row over the chosen epochs, pooled: how many there are, and how
 * many solved it. Counts are whole numbers below 2^53, so that an epoch's can be taken back
 * exactly. Immutable.
 */
final class Rollouts {

  /** A score of a row with at least one rollout; NaN to leave it unscored. */
  interface Score {
    double of(double rollouts, double solved);
  }

  private final List<EpochColumn> columns;
  private final double[] counts;
  private final double[] solved;

  private Rollouts(List<EpochColumn> columns, double[] counts, double[] solved) {
    this.columns = columns;
    this.counts = counts;
    this.solved = solved;
  }

  /**
   * Scores each row by its pooled rollouts.
   *
   * @param weights whether the positive scores are weights; otherwise what is scored is drawn alike
   * @param before what was answered before by the same score, or null
   */
  static Strategy.Scores score(
      Chosen chosen, Strategy.@Nullable Scores before, boolean weights, Score score) {
    RowScores known = before instanceof RowScores rows ? rows : null;
    Histories histories = chosen.observed(known);
    if (known != null && known.histories() == histories) {
      return known;
    }
    Rollouts rollouts = of(chosen, known == null ? null : known.rollouts());
    double[] scores = histories.scores(row -> score.of(rollouts.counts[row], rollouts.solved[row]));
    return weights
        ? RowScores.of(histories, scores).with(rollouts)
        : RowScores.of(histories, scores, _ -> 1).with(rollouts);
  }

  private static Rollouts of(Chosen chosen, @Nullable Rollouts before) {
    int rows = chosen.matrix().rows();
    List<EpochColumn> columns = chosen.epochs().stream().map(chosen::column).toList();
    if (before == null || before.counts.length > rows) {
      return new Rollouts(List.of(), new double[0], new double[0]).advance(columns, rows);
    }
    return before.advance(columns, rows);
  }

  private Rollouts advance(List<EpochColumn> later, int rows) {
    Set<EpochColumn> kept = identities(columns);
    kept.retainAll(identities(later));
    List<RowValues> changes = new ArrayList<>();
    for (EpochColumn column : columns) {
      if (!kept.contains(column)) {
        changes.add(column.values((rollouts, _) -> -rollouts, (_, successes) -> -successes));
      }
    }
    for (EpochColumn column : later) {
      if (!kept.contains(column)) {
        changes.add(column.values((rollouts, _) -> rollouts, (_, successes) -> successes));
      }
    }
    double[] laterCounts = Arrays.copyOf(counts, rows);
    double[] laterSolved = Arrays.copyOf(solved, rows);
    RowSums.add(new double[][] {laterCounts, laterSolved}, changes);
    return new Rollouts(later, laterCounts, laterSolved);
  }

  private static Set<EpochColumn> identities(List<EpochColumn> columns) {
    Set<EpochColumn> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(columns);
    return set;
  }
}
