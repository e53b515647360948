package dev.lim.selection;

import dev.lim.dataset.SampleIds;
import dev.lim.reward.EpochColumn;
import dev.lim.reward.RewardMatrix;
import dev.lim.run.RunState;
import dev.lim.scoring.Ranking;
import it.unimi.dsi.fastutil.longs.LongArrays;
import org.jspecify.annotations.Nullable;

/**
 * A run at one revision, scored by a strategy: the scores, the ranking, and what they were made
 * from. Immutable.
 */
public final class Scored {

  /** Whether a sample was solved in the chosen epochs, really observed. */
  enum Solved {
    NEVER,
    SOMETIMES,
    ALWAYS
  }

  private final RunState state;
  private final String strategy;
  private final OwnParameters own;
  private final Chosen chosen;
  private final Strategy.Scores scores;
  private final Ranking ranking;
  private final SampleIds ids;
  private final int[] idRank;
  private int @Nullable [] ascending;
  private int @Nullable [] bySample;
  private byte @Nullable [] solved;

  Scored(
      RunState state,
      String strategy,
      OwnParameters own,
      Chosen chosen,
      Strategy.Scores scores,
      Ranking ranking,
      SampleIds ids,
      int[] idRank) {
    this.state = state;
    this.strategy = strategy;
    this.own = own;
    this.chosen = chosen;
    this.scores = scores;
    this.ranking = ranking;
    this.ids = ids;
    this.idRank = idRank;
  }

  public RunState state() {
    return state;
  }

  public Chosen chosen() {
    return chosen;
  }

  public RewardMatrix matrix() {
    return chosen.matrix();
  }

  String strategy() {
    return strategy;
  }

  /** The values of the strategy's own parameters. */
  OwnParameters own() {
    return own;
  }

  Strategy.Scores scores() {
    return scores;
  }

  public Ranking ranking() {
    return ranking;
  }

  /** By row, a number that orders samples as the bytes of their ids do. */
  int[] idRank() {
    return idRank;
  }

  /** r_avg^k by chosen epoch that is not empty; NaN where nobody counts. Do not modify. */
  public double[] averages() {
    return scores.averages();
  }

  /** NaN where unscored. */
  public double score(int row) {
    return scores.scores()[row];
  }

  public String sample(int row) {
    return ids.id(matrix().ordinal(row));
  }

  /** The row of a sample of the run's population, or -1. */
  public int row(String sample) {
    int ordinal = ids.find(sample);
    int row = ordinal < 0 ? -1 : matrix().row(ordinal);
    return row >= 0 && matrix().isInPopulation(row) ? row : -1;
  }

  /** The ids of the dataset's samples, by ordinal. */
  SampleIds ids() {
    return ids;
  }

  byte[] sampleUtf8(int row) {
    return ids.utf8(matrix().ordinal(row));
  }

  public Head head() {
    return new Head(
        state.run(),
        state.revision(),
        strategy,
        own.values().isEmpty() ? null : own.values(),
        chosen.reward().code(),
        chosen.rule().missing().code(),
        new Head.Epochs(
            chosen.from(), chosen.through(), chosen.empty().isEmpty() ? null : chosen.empty()),
        ranking.size(),
        matrix().population() - ranking.size(),
        scores.undefined() ? Head.UNDEFINED : null);
  }

  /** Positions in the ranking from the lowest score up; ties by sample id. Do not modify. */
  synchronized int[] ascending() {
    int[] known = ascending;
    if (known == null) {
      known = new int[ranking.size()];
      for (int end = known.length, to = 0; end > 0; ) {
        int start = end - 1;
        while (start > 0 && score(ranking.row(start - 1)) == score(ranking.row(end - 1))) {
          start--;
        }
        for (int position = start; position < end; position++) {
          known[to++] = position;
        }
        end = start;
      }
      ascending = known;
    }
    return known;
  }

  /** Positions in the ranking, by sample id in byte order. Do not modify. */
  synchronized int[] bySample() {
    int[] known = bySample;
    if (known == null) {
      known = sortedBySample(ranking.size());
      bySample = known;
    }
    return known;
  }

  private int[] sortedBySample(int count) {
    long[] keys = new long[count];
    for (int position = 0; position < count; position++) {
      keys[position] = (long) idRank[ranking.row(position)] << 32 | position;
    }
    LongArrays.radixSort(keys);
    int[] positions = new int[count];
    for (int i = 0; i < count; i++) {
      positions[i] = (int) keys[i];
    }
    return positions;
  }

  Solved solved(int row) {
    return Solved.values()[solvedByRow()[row]];
  }

  private synchronized byte[] solvedByRow() {
    byte[] known = solved;
    if (known == null) {
      known = countSolved();
      solved = known;
    }
    return known;
  }

  private byte[] countSolved() {
    int rows = matrix().rows();
    boolean[] once = new boolean[rows];
    boolean[] failed = new boolean[rows];
    for (int epoch : chosen.epochs()) {
      EpochColumn column = chosen.column(epoch);
      for (int row = 0; row < column.length(); row++) {
        once[row] |= column.solved(row) > 0;
        failed[row] |= column.solved(row) < column.rollouts(row);
      }
    }
    byte[] answer = new byte[rows];
    for (int row = 0; row < rows; row++) {
      Solved kind = !once[row] ? Solved.NEVER : failed[row] ? Solved.SOMETIMES : Solved.ALWAYS;
      answer[row] = (byte) kind.ordinal();
    }
    return answer;
  }
}
