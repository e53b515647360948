package dev.lim.selection;

import dev.lim.dataset.SampleIds;
import dev.lim.reward.EpochColumn;
import dev.lim.reward.RewardMatrix;
import dev.lim.run.RunState;
import dev.lim.scoring.Ranking;
import dev.lim.scoring.RowSet;
import it.unimi.dsi.fastutil.longs.LongArrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
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

  private static final int MOST_REPLICATES = 4;

  private final RunState state;
  private final String strategy;
  private final OwnParameters own;
  private final Chosen chosen;
  private final Strategy.Scores scores;
  private final Ranking ranking;
  private final SampleIds ids;
  private final int[] idRank;
  private final SequencedMap<Question, Replicates> replicates = new LinkedHashMap<>();
  private int @Nullable [] ascending;
  private int @Nullable [] bySample;
  private volatile @Nullable SolvedRows solved;

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

  /** What replicates depend on, beside what was scored. */
  record Question(Selection selection, int replicates, long seed) {}

  /** The latest replicates, for pages and polls; null where none were made. */
  synchronized @Nullable Replicates replicates(Question question) {
    return replicates.get(question);
  }

  synchronized void keep(Question question, Replicates made) {
    if (replicates.size() >= MOST_REPLICATES) {
      replicates.pollFirstEntry();
    }
    replicates.put(question, made);
  }

  /** The same run scored otherwise, or over other epochs. */
  Scored with(Chosen otherChosen, Strategy.Scores otherScores, @Nullable SolvedRows known) {
    Scored other =
        new Scored(
            state,
            strategy,
            own,
            otherChosen,
            otherScores,
            Ranking.of(otherScores.scores(), otherChosen.matrix().rows(), idRank),
            ids,
            idRank);
    other.solved = known;
    return other;
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

  /**
   * By row of this run, the row of the same sample in another; -1 where the sample has no rollout
   * in force in both.
   */
  public int[] rowsIn(Scored other) {
    boolean sameDataset = state.dataset().equals(other.state.dataset());
    EpochColumn[] columns = matrix().columns().values().toArray(EpochColumn[]::new);
    EpochColumn[] others = other.matrix().columns().values().toArray(EpochColumn[]::new);
    int[] rows = new int[matrix().rows()];
    for (int row = 0; row < rows.length; row++) {
      int ordinal = matrix().ordinal(row);
      if (!sameDataset) {
        byte[] utf8 = ids.utf8(ordinal);
        ordinal = other.ids.find(utf8, utf8.length);
      }
      int found = ordinal < 0 ? -1 : other.matrix().row(ordinal);
      rows[row] = found >= 0 && isObserved(columns, row) && isObserved(others, found) ? found : -1;
    }
    return rows;
  }

  private static boolean isObserved(EpochColumn[] columns, int row) {
    for (EpochColumn column : columns) {
      if (column.observed(row)) {
        return true;
      }
    }
    return false;
  }

  /** The same with a ranking of these rows alone. */
  public Scored only(RowSet rows) {
    double[] left = new double[matrix().rows()];
    for (int row = 0; row < left.length; row++) {
      left[row] = rows.contains(row) ? score(row) : Double.NaN;
    }
    Scored restricted = new Scored(state, strategy, own, chosen, scores, ranked(left), ids, idRank);
    restricted.solved = solved;
    return restricted;
  }

  /** Ranks the rows by other scores, NaN for those that are not to be ranked. */
  public Ranking ranked(double[] others) {
    return Ranking.of(others, others.length, idRank);
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
    SolvedRows known = solved;
    return (known == null ? solvedRows() : known).of(row);
  }

  /** Whether no rollout of a sample solved it. */
  public boolean neverSolved(int row) {
    return solved(row) == Solved.NEVER;
  }

  /** Whether all rollouts of a sample solved it. */
  public boolean alwaysSolved(int row) {
    return solved(row) == Solved.ALWAYS;
  }

  boolean sometimesSolved(int row) {
    return solved(row) == Solved.SOMETIMES;
  }

  /** Of those alone, whose relative order is that of the whole ranking. */
  Ranking rankingOfSometimesSolved() {
    double[] left = new double[matrix().rows()];
    for (int row = 0; row < left.length; row++) {
      left[row] = sometimesSolved(row) && ranking.ranks(row) ? score(row) : Double.NaN;
    }
    return ranked(left);
  }

  private synchronized SolvedRows solvedRows() {
    SolvedRows known = solved;
    if (known == null) {
      known = new SolvedRows(matrix().rows());
      for (int epoch : chosen.epochs()) {
        known.add(chosen.column(epoch));
      }
      solved = known;
    }
    return known;
  }
}
