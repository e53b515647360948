package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lim.Seed;
import dev.lim.scoring.Alignment.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Averages that were not summed are the bits of those that were: rows into lanes by their number,
 * lanes by halves, blocks in their order. And the way that is to be gone is the one that was.
 */
class AveragesTests {

  private static final Kernel PLAIN = Kernels.create(KernelChoice.PLAIN);
  private static final Kernel VECTOR = Kernels.create(KernelChoice.VECTOR);
  private static final float NONE = Float.NaN;
  private static final float THIRD = 1f / 3;

  /** What rewards of a column are drawn from. */
  private static final float[][] REWARDS = {
    {0, 1},
    {-0f, 0, -1},
    {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f, 1},
    {1, -0.5f, -1},
    {0, THIRD, 2 * THIRD, 1},
    {1 << 24, (1 << 24) - 1, 1, -(1 << 24)},
    {Float.MIN_VALUE, 3 * Float.MIN_VALUE, -Float.MIN_VALUE, 0x1p-126f},
    {1e30f, -1e30f},
    {1e30f, 1},
    {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 1},
    {0x1p18f, 0x3p-23f},
    {0x1p18f, 0x3p-24f, -0x1p18f},
    {0.1f, 0.2f, -0.3f},
    {1e-7f, 0.7f, 3},
  };

  private final Random random = new Random(Seed.of(getClass()));

  @ParameterizedTest
  @EnumSource
  void averagesAreThoseOfSummingWhateverTheRewards(MissingRule missing) {
    int[] rows = {1, 15, 16, 17, 100, 1_000, Blocks.ROWS, Blocks.ROWS + 1, 3 * Blocks.ROWS + 70};
    int told = 0;
    int summed = 0;
    for (int trial = 0; trial < 400; trial++) {
      int size = rows[random.nextInt(rows.length)];
      List<float[]> values = values(size, 1 + random.nextInt(7));
      Rule rule = new Rule(1, missing, random.nextInt(3));
      for (Kernel kernel : new Kernel[] {PLAIN, VECTOR}) {
        List<Column> columns = values.stream().map(Column::of).toList();
        Alignment first = Alignment.of(columns, size, rule, kernel);
        assertThat(bits(first.averages()))
            .as("%d rows of %s", size, values.size())
            .isEqualTo(bits(byLanes(values, size, rule)));
        assertThat(bits(Alignment.of(columns, size, rule, kernel).scores()))
            .isEqualTo(bits(first.scores()));
        summed += first.columnsRead();
        told += values.size() - first.columnsRead();
      }
    }
    assertThat(told).isGreaterThan(100);
    assertThat(summed).isGreaterThan(100);
  }

  @ParameterizedTest
  @EnumSource
  void usualRewardsAreNotSummedAgain(MissingRule missing) {
    Rule rule = new Rule(1, missing, 1);
    for (int kind = 0; kind <= 4; kind++) {
      List<Column> columns = new ArrayList<>();
      for (int k = 0; k < 6; k++) {
        columns.add(Column.of(column(50_001, REWARDS[kind], 0.01)));
      }
      Alignment alignment = Alignment.of(columns, 50_001, rule, VECTOR);
      assertThat(alignment.columnsRead()).isZero();
      columns.add(Column.of(column(50_001, REWARDS[kind], 0.01)));
      Alignment later = alignment.advance(columns, 50_001, rule);
      assertThat(later.columnsRead()).isZero();
      assertThat(later.scored()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource
  void columnsWhoseSumsAreRoundedAreSummed(MissingRule missing) {
    float[] rounds = column(10_000, REWARDS[8], 0.01);
    float[] usual = column(10_000, REWARDS[2], 0);
    List<Column> columns = List.of(Column.of(usual), Column.of(rounds), Column.of(usual.clone()));
    Alignment alignment = Alignment.of(columns, 10_000, new Rule(1, missing, 1), VECTOR);
    // Its rewards also stand in, in the column before or in the one after.
    boolean fills = missing == MissingRule.BACKFILL || missing == MissingRule.CARRY;
    assertThat(alignment.columnsRead()).isEqualTo(fills ? 2 : 1);
  }

  @ParameterizedTest
  @EnumSource
  void columnsInWhichManyRowsWouldBeLookedUpAreSummed(MissingRule missing) {
    float[] half = column(10_000, REWARDS[0], 0.5);
    List<Column> columns = List.of(Column.of(column(10_000, REWARDS[0], 0)), Column.of(half));
    Alignment alignment = Alignment.of(columns, 10_000, new Rule(1, missing, 1), VECTOR);
    int expected =
        switch (missing) {
          case BACKFILL, EXCLUDE -> 2;
          case CARRY -> 1;
          case OBSERVED -> 0;
        };
    assertThat(alignment.columnsRead()).isEqualTo(expected);
  }

  @Test
  void sumsAreExactToTheLastBitOfTheSignificand() {
    Total total = PLAIN.summarize(new float[] {0x1p18f, 0, 0x3p-23f}, 0, 3, new long[1]);
    assertThat(total.isExact(1 << 12)).isTrue();
    assertThat(total.isExact((1 << 12) + 1)).isFalse();
    assertThat(new Total(0, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY).isExact(1)).isFalse();
    assertThat(Total.NONE.isExact(Integer.MAX_VALUE)).isTrue();
  }

  @Test
  void theGrainIsTheLowestBitOrLess() {
    for (int i = 0; i < 1_000_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt() & (i % 2 == 0 ? -1 : -1 << 20));
      if (Float.isFinite(value) && value != 0) {
        int lowest = Integer.numberOfTrailingZeros(Float.floatToRawIntBits(value) | 1 << 23);
        double bit = Math.ulp(value) * Math.scalb(1.0, lowest);
        assertThat((double) Total.grain(value)).isBetween(bit / 2, bit);
      }
    }
  }

  @Test
  void kernelsFindTheSameInAColumn() {
    for (int length = 0; length < 300; length++) {
      float[] rewards = REWARDS[random.nextInt(REWARDS.length)];
      float[] values = column(length, rewards, random.nextDouble());
      long[] byPlain = new long[RowSet.words(length)];
      long[] byVector = byPlain.clone();
      Total plain = PLAIN.summarize(values, 0, length, byPlain);
      Total vector = VECTOR.summarize(values, 0, length, byVector);
      assertThat(byVector).isEqualTo(byPlain);
      assertThat(vector.most()).isEqualTo(plain.most());
      assertThat(vector.grain()).isEqualTo(plain.grain());
      if (plain.isExact(length)) {
        assertThat(bits(vector.sum())).isEqualTo(bits(plain.sum()));
      }
    }
  }

  @Test
  void twoThreadsFindWhatOneDoes() {
    float[] values = column((1 << 20) + 77, REWARDS[2], 0.01);
    Column column = Column.of(values);
    Column.summarize(List.of(column), VECTOR);
    long[] present = new long[RowSet.words(values.length)];
    assertThat(column.total()).isEqualTo(VECTOR.summarize(values, 0, values.length, present));
    assertThat(column.present().agrees(new RowSet(present))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9})
  void aColumnIsNoLongerThanThereAreRows(int rows) {
    List<Column> columns = List.of(Column.of(new float[10]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Alignment.of(columns, rows, new Rule(1, MissingRule.CARRY, 1)))
        .withMessage("A column of 10 rows, where there are " + rows);
  }

  private List<float[]> values(int rows, int epochs) {
    double absent = new double[] {0, 0.001, 0.02, 0.06, 0.3}[random.nextInt(5)];
    boolean alike = random.nextBoolean();
    int kind = random.nextInt(REWARDS.length);
    List<float[]> columns = new ArrayList<>();
    for (int k = 0; k < epochs; k++) {
      int length = random.nextInt(5) > 0 ? rows : rows - random.nextInt(rows / 20 + 1);
      kind = alike ? kind : random.nextInt(REWARDS.length);
      columns.add(column(length, REWARDS[kind], absent));
    }
    return columns;
  }

  private float[] column(int length, float[] rewards, double absent) {
    float[] column = new float[length];
    for (int i = 0; i < length; i++) {
      column[i] = random.nextDouble() < absent ? NONE : rewards[random.nextInt(rewards.length)];
    }
    return column;
  }

  private static double[] byLanes(List<float[]> columns, int rows, Rule rule) {
    Reference reference =
        new Reference(columns, rows, rule.highest(), rule.missing(), rule.minEpochs());
    double[] averages = new double[columns.size()];
    for (int k = 0; k < averages.length; k++) {
      double sum = 0;
      int count = 0;
      for (int begin = 0; begin < rows; begin += Blocks.ROWS) {
        double[] lanes = new double[Kernel.LANES];
        for (int i = begin; i < Math.min(rows, begin + Blocks.ROWS); i++) {
          Float reward = reference.eligible(i) ? reference.reward(k, i) : null;
          lanes[i % Kernel.LANES] += reward == null ? 0 : reward;
          count += reward == null ? 0 : 1;
        }
        sum += Kernel.combine(lanes);
      }
      averages[k] = sum / count;
    }
    return averages;
  }

  private static long[] bits(double... values) {
    return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
  }
}
