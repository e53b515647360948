package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import dev.lim.scoring.Alignment.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Alignment against {@link Reference}, both kernels against each other, histories against none. */
class AlignmentPropertyTests {

  private static final int[] AWKWARD_SIZES =
      IntStream.concat(
              IntStream.rangeClosed(0, 70),
              IntStream.of(127, 128, 129, 255, 256, 257, 1023, 1024, 1025, 4098))
          .toArray();
  private static final int[] SIZES_IN_BLOCKS = {
    Blocks.ROWS - 1, Blocks.ROWS, Blocks.ROWS + 1, 3 * Blocks.ROWS + 1, 50_001
  };

  /** Under each rule; {@code -Dlim.test.histories} says how many in all. */
  private static final int HISTORIES =
      Integer.getInteger("lim.test.histories", 10_000) / MissingRule.values().length;

  private static final Kernel PLAIN = Kernels.create(KernelChoice.PLAIN);
  private static final Kernel VECTOR = Kernels.create(KernelChoice.VECTOR);

  private final Random random = new Random(Seed.of(getClass()));

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReferenceAtAwkwardSizes(MissingRule missing) {
    for (int rows : AWKWARD_SIZES) {
      for (int epochs : new int[] {0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 18, 33}) {
        agreesWithReference(columns(rows, epochs), rows, rule(missing, epochs));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReferenceBeyondABlock(MissingRule missing) {
    for (int rows : SIZES_IN_BLOCKS) {
      agreesWithReference(columns(rows, 5), rows, rule(missing, 5));
    }
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReferenceOnTwoThreads(MissingRule missing) {
    agreesWithReference(columns(70_001, 19), 70_001, rule(missing, 19));
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReferenceAtExtremes(MissingRule missing) {
    for (int trial = 0; trial < 200; trial++) {
      int rows = 1 + random.nextInt(100);
      List<float[]> columns =
          columnsOf(rows, Float.MAX_VALUE, Float.MIN_VALUE, 1e-40f, 0, -0f, 1, Float.NaN);
      agreesWithReference(columns, rows, rule(missing, columns.size()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void kernelsAgreeWhereLargeRewardsCancel(MissingRule missing) {
    for (int trial = 0; trial < 200; trial++) {
      int rows = 1 + random.nextInt(100);
      List<float[]> columns =
          columnsOf(rows, Float.MAX_VALUE, -Float.MAX_VALUE, 1e30f, -Float.MIN_VALUE, 1, Float.NaN);
      Rule rule = rule(missing, columns.size());
      Alignment vector = Alignment.of(fresh(columns), rows, rule, VECTOR);
      same(vector, Alignment.of(fresh(columns), rows, rule, PLAIN));
      assertThat(Arrays.stream(vector.scores()).noneMatch(Double::isInfinite)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyIsScoredWhereNothingWasObserved(MissingRule missing) {
    float[] empty = new float[100];
    Arrays.fill(empty, Float.NaN);
    agreesWithReference(List.of(empty), 100, new Rule(1, missing, 1));
    agreesWithReference(List.of(empty, empty.clone()), 100, new Rule(1, missing, 1));
    agreesWithReference(List.of(new float[0]), 100, new Rule(1, missing, 1));
  }

  @ParameterizedTest
  @EnumSource
  void anyHistoryGivesTheBitsOfNone(MissingRule missing) {
    for (int history = 0; history < HISTORIES; history++) {
      new History(missing, random.nextInt(300), 1 + random.nextInt(7)).run(12);
    }
  }

  @ParameterizedTest
  @EnumSource
  void longHistoriesGiveTheBitsOfNone(MissingRule missing) {
    for (int history = 0; history < 20; history++) {
      new History(missing, 1 + random.nextInt(90), 15 + random.nextInt(20)).run(40);
    }
  }

  @ParameterizedTest
  @EnumSource
  void historiesOverManyBlocksGiveTheBitsOfNone(MissingRule missing) {
    for (int rows : SIZES_IN_BLOCKS) {
      new History(missing, rows, 4).run(12);
    }
    new History(missing, 70_001, 17).run(8);
  }

  @Test
  void anEqualColumnInAnotherArrayIsAChangeWithoutConsequence() {
    List<float[]> values = columns(100, 3);
    List<Column> columns = new ArrayList<>(fresh(values));
    Alignment before = Alignment.of(columns, 100, new Rule(1, MissingRule.EXCLUDE, 1), VECTOR);
    columns.add(Column.of(values.getLast().clone()));
    values.add(values.getLast());
    Alignment after = before.advance(columns, 100, before.rule());
    same(after, Alignment.of(fresh(values), 100, before.rule(), PLAIN));
    columns.set(3, columns.get(2));
    same(after.advance(columns, 100, before.rule()), after);
  }

  @Test
  void nothingChangedIsTheSameAnswer() {
    List<Column> columns = fresh(columns(100, 3));
    Alignment alignment = Alignment.of(columns, 100, new Rule(1, MissingRule.CARRY, 1));
    assertThat(alignment.advance(columns, 100, alignment.rule())).isSameAs(alignment);
  }

  private Rule rule(MissingRule missing, int epochs) {
    double highest = new double[] {1, 1, 0.5, 0, -1, 5}[random.nextInt(6)];
    return new Rule(highest, missing, random.nextInt(epochs + 2));
  }

  private List<float[]> columns(int rows, int epochs) {
    double absent = new double[] {0, 0.001, 0.05, 0.3, 0.9}[random.nextInt(5)];
    List<float[]> columns = new ArrayList<>();
    for (int k = 0; k < epochs; k++) {
      columns.add(column(random.nextInt(4) > 0 ? rows : random.nextInt(rows + 1), absent));
    }
    return columns;
  }

  private List<float[]> columnsOf(int rows, float... rewards) {
    List<float[]> columns = columns(rows, 1 + random.nextInt(6));
    for (float[] column : columns) {
      for (int i = 0; i < column.length; i++) {
        column[i] = rewards[random.nextInt(rewards.length)];
      }
    }
    return columns;
  }

  private float[] column(int length, double absent) {
    float[] column = new float[length];
    int kind = random.nextInt(4);
    for (int i = 0; i < length; i++) {
      column[i] = random.nextDouble() < absent ? Float.NaN : reward(kind);
    }
    return column;
  }

  private float reward(int kind) {
    return switch (kind) {
      case 0 -> random.nextInt(9) / 8f;
      case 1 -> random.nextInt(3) == 0 ? 1 : -0.5f;
      case 2 -> random.nextFloat();
      default -> 1;
    };
  }

  /** Columns that nobody has scored yet. */
  private static List<Column> fresh(List<float[]> columns) {
    return columns.stream().map(Column::of).toList();
  }

  private static void agreesWithReference(List<float[]> columns, int rows, Rule rule) {
    List<float[]> untouched = columns.stream().map(float[]::clone).toList();
    Alignment vector = Alignment.of(fresh(columns), rows, rule, VECTOR);
    same(vector, Alignment.of(fresh(columns), rows, rule, PLAIN));
    Reference expected =
        new Reference(columns, rows, rule.highest(), rule.missing(), rule.minEpochs());
    assertThat(vector.undefined()).isEqualTo(expected.undefined);
    assertThat(vector.scored()).isEqualTo(expected.scored);
    close(vector.averages(), expected.averages);
    close(vector.scores(), expected.scores);
    for (int k = 0; k < columns.size(); k++) {
      assertThat(columns.get(k)).isEqualTo(untouched.get(k));
    }
  }

  private static void close(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      boolean close =
          Double.isNaN(expected[i])
              ? Double.isNaN(actual[i])
              : Math.abs(actual[i] - expected[i]) <= 1e-6 * Math.max(1, Math.abs(expected[i]));
      if (!close) {
        assertThat(actual[i]).as("at %d", i).isEqualTo(expected[i]);
      }
    }
  }

  private static void same(Alignment actual, Alignment expected) {
    assertThat(actual.undefined()).isEqualTo(expected.undefined());
    assertThat(actual.scored()).isEqualTo(expected.scored());
    assertThat(bits(actual.averages())).isEqualTo(bits(expected.averages()));
    assertThat(bits(actual.scores())).isEqualTo(bits(expected.scores()));
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
  }

  /** A run's matrix as it changes, scored after each change by both kernels and from nothing. */
  private final class History {

    private final List<float[]> columns;
    private final Map<float[], Column> byVector = new IdentityHashMap<>();
    private final Map<float[], Column> byPlain = new IdentityHashMap<>();
    private final Rule rule;
    private int rows;
    private Alignment vector;
    private Alignment plain;

    History(MissingRule missing, int rows, int epochs) {
      this.rows = rows;
      this.columns = new ArrayList<>(columns(rows, epochs));
      this.rule = rule(missing, Math.min(epochs, 2));
      this.vector = Alignment.of(known(byVector), rows, rule, VECTOR);
      this.plain = Alignment.of(known(byPlain), rows, rule, PLAIN);
    }

    void run(int steps) {
      for (int step = 0; step < steps; step++) {
        change();
        vector = vector.advance(known(byVector), rows, rule);
        plain = plain.advance(known(byPlain), rows, rule);
        Alignment fresh =
            Alignment.of(fresh(columns), rows, rule, random.nextBoolean() ? VECTOR : PLAIN);
        same(vector, fresh);
        same(plain, fresh);
      }
    }

    /** The same instances for the same arrays. */
    private List<Column> known(Map<float[], Column> by) {
      return columns.stream().map(values -> by.computeIfAbsent(values, Column::of)).toList();
    }

    private void change() {
      int last = columns.size() - 1;
      switch (random.nextInt(10)) {
        case 0 -> columns.add(column(rows, 0));
        case 1 -> columns.add(column(random.nextInt(rows + 1), 0.05));
        case 2 -> rows += random.nextInt(40);
        case 3 -> {
          if (last > 0) {
            columns.remove(random.nextInt(4) == 0 ? random.nextInt(last + 1) : last);
          }
        }
        case 4 -> columns.set(last, columns.get(last).clone());
        case 5 -> columns.set(random.nextInt(last + 1), column(rows, 0.02));
        case 6 -> edit(random.nextInt(last + 1), true);
        case 7 -> edit(last, true);
        default -> edit(random.nextInt(3) == 0 ? random.nextInt(last + 1) : last, false);
      }
    }

    /** Other rewards for some samples; with {@code presence} also come and gone ones. */
    private void edit(int k, boolean presence) {
      float[] column = columns.get(k);
      column = presence ? Arrays.copyOf(column, Math.max(rows, column.length)) : column.clone();
      for (int edits = random.nextInt(5); edits >= 0 && column.length > 0; edits--) {
        int row = random.nextInt(column.length);
        if (presence) {
          column[row] = random.nextInt(3) == 0 ? Float.NaN : random.nextFloat();
        } else if (!Float.isNaN(column[row])) {
          column[row] = random.nextFloat();
        }
      }
      columns.set(k, column);
    }
  }
}
