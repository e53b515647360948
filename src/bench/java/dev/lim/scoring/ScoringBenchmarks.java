package dev.lim.scoring;

import dev.lim.scoring.Alignment.Rule;
import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The scoring room under load; {@link ScoringReport} runs them and prints what they mean. */
@NullUnmarked // JMH sets the parameters
public class ScoringBenchmarks {

  private static final int LARGE_ROWS = 1_000_000;
  private static final int LARGE_EPOCHS = 100;
  private static final int PAPER_ROWS = 8_523;
  private static final int PAPER_EPOCHS = 21;
  private static final int PAPER_SUBSET = 1_389;

  private static float[] column(Random random, int rows, double absent) {
    float[] column = new float[rows];
    for (int i = 0; i < rows; i++) {
      column[i] = random.nextDouble() < absent ? Float.NaN : random.nextInt(9) / 8f;
    }
    return column;
  }

  private static List<Column> columns(int rows, int epochs, double absent) {
    Random random = new Random(1);
    List<Column> columns = new ArrayList<>();
    for (int k = 0; k < epochs; k++) {
      columns.add(Column.of(column(random, rows, absent)));
    }
    return columns;
  }

  /** The same values, of which nothing is known yet. */
  private static List<Column> unknown(List<Column> columns) {
    return columns.stream().map(column -> Column.of(column.values())).toList();
  }

  /** Beside which sums of other values may be rounded. */
  private static void makeInexact(float[] values) {
    values[0] = 1e-30f;
  }

  private static int[] idRanks(int rows) {
    return IntArrays.shuffle(IntStream.range(0, rows).toArray(), new Random(2));
  }

  /** A million samples, a hundred epochs, one reward in 2,000 absent. */
  @State(Scope.Benchmark)
  public static class Large {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    final List<float[]> columns =
        columns(LARGE_ROWS, LARGE_EPOCHS, 0.0005).stream().map(Column::values).toList();

    /** Adds all values up in float, by vectors: as fast as one thread reads them. */
    @Benchmark
    public float readOnly() {
      float sum = 0;
      for (float[] column : columns) {
        sum += sum(column);
      }
      return sum;
    }

    /** The same by two threads, half of the columns each: as fast as this machine reads them. */
    @Benchmark
    public float readOnlyByTwo() {
      ForkJoinTask<Float> half = ForkJoinPool.commonPool().submit(() -> sum(0, LARGE_EPOCHS / 2));
      return sum(LARGE_EPOCHS / 2, LARGE_EPOCHS) + half.join();
    }

    private float sum(int from, int to) {
      float sum = 0;
      for (int k = from; k < to; k++) {
        sum += sum(columns.get(k));
      }
      return sum;
    }

    private static float sum(float[] column) {
      int width = SPECIES.length();
      FloatVector a = FloatVector.zero(SPECIES);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int i = 0; i + 4 * width <= column.length; i += 4 * width) {
        a = a.add(FloatVector.fromArray(SPECIES, column, i));
        b = b.add(FloatVector.fromArray(SPECIES, column, i + width));
        c = c.add(FloatVector.fromArray(SPECIES, column, i + 2 * width));
        d = d.add(FloatVector.fromArray(SPECIES, column, i + 3 * width));
      }
      return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
  }

  /** Scores of the large matrix, from nothing and after a change. */
  @State(Scope.Benchmark)
  public static class LargeScores {
    final List<Column> columns = columns(LARGE_ROWS, LARGE_EPOCHS, 0.0005);
    final float[] more = columns.getLast().values().clone();
    final float[] others = more.clone();

    @Param({"BACKFILL", "EXCLUDE", "CARRY", "OBSERVED"})
    MissingRule missing;

    @Param({"VECTOR", "PLAIN"})
    KernelChoice choice;

    Kernel kernel;
    Rule rule;
    Alignment alignment;
    boolean turn;

    @Setup
    public void score() {
      kernel = Kernels.create(choice);
      rule = new Rule(1, missing, 1);
      alignment = full();
      Random random = new Random(3);
      for (int i = 0; i < 8_192; i++) {
        int row = random.nextInt(LARGE_ROWS);
        more[row] = Float.isNaN(more[row]) ? Float.NaN : random.nextInt(9) / 8f;
        others[row] = i % 4 == 0 ? Float.NaN : others[row];
      }
    }

    /** Of columns that were scored before. */
    @Benchmark
    public Alignment full() {
      return Alignment.of(columns, LARGE_ROWS, rule, kernel);
    }

    /** Of columns that nobody has scored before. */
    @Benchmark
    public Alignment fromNothing() {
      return Alignment.of(unknown(columns), LARGE_ROWS, rule, kernel);
    }

    /** 8,192 other rewards in the last epoch, in a new column; the same samples scored. */
    @Benchmark
    public Alignment oneMoreBatch() {
      return advance(more);
    }

    /** 2,048 samples come to or leave the last epoch, in a new column. */
    @Benchmark
    public Alignment otherSamplesScored() {
      return advance(others);
    }

    private Alignment advance(float[] last) {
      turn = !turn;
      List<Column> later = new ArrayList<>(columns);
      later.set(LARGE_EPOCHS - 1, Column.of(turn ? last : columns.getLast().values()));
      alignment = alignment.advance(later, LARGE_ROWS, rule);
      return alignment;
    }
  }

  /** The same size, but averages cannot be told from what is known of columns. */
  @State(Scope.Benchmark)
  public static class LargeInexact {
    final List<Column> columns = columns(LARGE_ROWS, LARGE_EPOCHS, 0.0005);

    public LargeInexact() {
      columns.forEach(column -> makeInexact(column.values()));
    }

    @Benchmark
    public Alignment full() {
      return Alignment.of(columns, LARGE_ROWS, new Rule(1, MissingRule.BACKFILL, 1));
    }
  }

  /** The mean of one column, as the engine takes it: on two threads where that is worth it. */
  @State(Scope.Benchmark)
  public static class Mean {
    @Param({"8523", "10000000"})
    int rows;

    @Param({"VECTOR", "PLAIN"})
    KernelChoice choice;

    Kernel kernel;
    float[] column;
    Matrix matrix;
    Presence presence;

    @Setup
    public void fill() {
      kernel = Kernels.create(choice);
      column = column(new Random(4), rows, 0.0005);
      makeInexact(column);
      matrix = new Matrix(List.of(Column.of(column)), rows, MissingRule.EXCLUDE, kernel);
      presence = Presence.of(matrix, 1);
    }

    /** Of a column whose sum is not known. */
    @Benchmark
    public double mean() {
      return Averages.of(matrix, kernel, presence, new boolean[] {true}, new double[0]).values()[0];
    }

    /** All that is worth knowing of a column. */
    @Benchmark
    public Column summary() {
      Column fresh = Column.of(column);
      Column.summarize(List.of(fresh), kernel);
      return fresh;
    }

    /** Without the absent ones, which would make the mean NaN. */
    private static float[] column(Random random, int rows, double absent) {
      float[] column = ScoringBenchmarks.column(random, rows, absent);
      for (int i = 0; i < rows; i++) {
        column[i] = Float.isNaN(column[i]) ? 0 : column[i];
      }
      return column;
    }
  }

  /** The mean as one would write it. */
  @State(Scope.Benchmark)
  public static class MeanLoop {
    @Param({"8523", "10000000"})
    int rows;

    float[] column;

    @Setup
    public void fill() {
      column = Mean.column(new Random(4), rows, 0.0005);
    }

    @Benchmark
    public double mean() {
      double sum = 0;
      int count = 0;
      for (int i = 0; i < rows; i++) {
        if (!Float.isNaN(column[i])) {
          sum += column[i];
          count++;
        }
      }
      return sum / count;
    }
  }

  /** The paper's dataset and epochs; 4 % of the rewards absent, as in its data. */
  @State(Scope.Benchmark)
  public static class Paper {
    final List<Column> columns = columns(PAPER_ROWS, PAPER_EPOCHS, 0.04);
    final int[] idRank = idRanks(PAPER_ROWS);
    final Rule rule = new Rule(1, MissingRule.BACKFILL, 1);

    /** From the matrix, columns known. */
    @Benchmark
    public int[] scoresAndRanking() {
      return Ranking.of(scores().scores(), PAPER_ROWS, idRank).rows();
    }

    @Benchmark
    public Alignment scores() {
      return Alignment.of(columns, PAPER_ROWS, rule);
    }

    @Benchmark
    public Alignment scoresFromNothing() {
      return Alignment.of(unknown(columns), PAPER_ROWS, rule);
    }
  }

  /** Rankings of a million scores. */
  @State(Scope.Benchmark)
  public static class LargeRanking {
    final double[] scores =
        Alignment.of(columns(LARGE_ROWS, 20, 0), LARGE_ROWS, new Rule(1, MissingRule.BACKFILL, 1))
            .scores();
    final int[] idRank = idRanks(LARGE_ROWS);

    @Benchmark
    public int[] top() {
      return Ranking.of(scores, LARGE_ROWS, idRank).top(PAPER_SUBSET);
    }

    @Benchmark
    public int[] all() {
      return Ranking.of(scores, LARGE_ROWS, idRank).rows();
    }
  }

  /** From small to large, 20 epochs. */
  @State(Scope.Benchmark)
  public static class Growth {
    @Param({"10000", "30000", "100000", "300000", "1000000", "3000000", "10000000"})
    int rows;

    final Rule rule = new Rule(1, MissingRule.BACKFILL, 1);
    List<Column> columns;
    double[] scores;
    int[] idRank;

    @Setup
    public void fill() {
      columns = columns(rows, 20, 0.0005);
      scores = scores().scores();
      idRank = idRanks(rows);
    }

    @Benchmark
    public Alignment scores() {
      return Alignment.of(columns, rows, rule);
    }

    @Benchmark
    public int[] top() {
      return Ranking.of(scores, rows, idRank).top(PAPER_SUBSET);
    }
  }
}
