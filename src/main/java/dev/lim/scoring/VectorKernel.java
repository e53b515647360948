package dev.lim.scoring;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernel on the Vector API: rows are the lanes. Numerators take four columns a pass, so that
 * they are loaded and stored a quarter as often. Rows beyond the last whole vector are left to the
 * plain loops.
 *
 * <p>Linked only where {@code jdk.incubator.vector} is resolved; see {@link Kernels}.
 */
final class VectorKernel implements Kernel {

  private static final VectorSpecies<Double> DOUBLES =
      DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 256
          ? DoubleVector.SPECIES_256
          : DoubleVector.SPECIES_PREFERRED;
  private static final VectorShape HALF = VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2);
  private static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, HALF);
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, HALF);
  private static final VectorSpecies<Float> WIDE_FLOATS =
      VectorSpecies.of(float.class, DOUBLES.vectorShape());
  private static final VectorSpecies<Integer> WIDE_INTS =
      VectorSpecies.of(int.class, DOUBLES.vectorShape());
  private static final int WIDTH = DOUBLES.length();
  private static final int WIDE = WIDE_FLOATS.length();

  /** Vectors of lanes that are summed at a time: enough to hide how long an addition takes. */
  private static final int SUMMED = 4;

  private final PlainKernel plain = new PlainKernel();

  VectorKernel() {
    if (WIDTH < 2) {
      throw new UnsupportedOperationException("no vectors of at least 128 bits");
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Total summarize(float[] values, int from, int to, long[] present) {
    int whole = from + (to - from & -Long.SIZE);
    Arrays.fill(present, from / Long.SIZE, whole / Long.SIZE, -1);
    DoubleVector a = DoubleVector.zero(DOUBLES);
    DoubleVector b = a;
    IntVector most = IntVector.zero(WIDE_INTS);
    IntVector grain = IntVector.broadcast(WIDE_INTS, Integer.MAX_VALUE);
    for (int row = from; row < whole; row += WIDE) {
      FloatVector value = FloatVector.fromArray(WIDE_FLOATS, values, row);
      VectorMask<Float> absent = value.compare(VectorOperators.NE, value);
      if (absent.anyTrue()) {
        present[row / Long.SIZE] &= ~(absent.toLong() << row);
      }
      FloatVector cell = value.blend(0, absent);
      a = a.add(widen(cell, 0));
      b = b.add(widen(cell, 1));
      // Bits of floats that are not negative ascend as they do. See Total.grain; here 0 wraps
      // round.
      IntVector bits = cell.reinterpretAsInts().and(Integer.MAX_VALUE);
      most = most.max(bits);
      FloatVector without = bits.and(bits.sub(1)).reinterpretAsFloats();
      grain =
          grain.min(
              bits.reinterpretAsFloats().sub(without).reinterpretAsInts().add(Integer.MAX_VALUE));
    }
    int least = grain.reduceLanes(VectorOperators.MIN);
    Total vectors =
        new Total(
            a.add(b).reduceLanes(VectorOperators.ADD),
            Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX)),
            least == Integer.MAX_VALUE
                ? Float.POSITIVE_INFINITY
                : Float.intBitsToFloat(least - Integer.MAX_VALUE));
    return vectors.plus(plain.summarize(values, whole, to, present));
  }

  @Override
  public void sum(Tile tile, double[] sums) {
    int whole = tile.length() / LANES * LANES;
    double[] lanes = new double[LANES];
    for (int j = 0; j < tile.count(); j++) {
      float[] values = tile.values(j);
      float[] instead = tile.substitute(j);
      for (int lane = 0; lane < LANES; lane += SUMMED * WIDTH) {
        sum(values, tile.at(), instead, tile.substituteAt(), tile.mask(), lanes, lane, whole);
      }
      PlainKernel.sum(lanes, tile, j, whole);
      sums[tile.from() + j] = Kernel.combine(lanes);
    }
  }

  private static void sum(
      float[] values,
      int at,
      float[] instead,
      int insteadAt,
      int[] mask,
      double[] lanes,
      int lane,
      int whole) {
    DoubleVector a = DoubleVector.zero(DOUBLES);
    DoubleVector b = a;
    DoubleVector c = a;
    DoubleVector d = a;
    for (int i = lane; i < whole; i += LANES) {
      int v = at + i;
      int w = insteadAt + i;
      a = a.add(counted(values, v, instead, w, mask, i));
      b = b.add(counted(values, v + WIDTH, instead, w + WIDTH, mask, i + WIDTH));
      c = c.add(counted(values, v + 2 * WIDTH, instead, w + 2 * WIDTH, mask, i + 2 * WIDTH));
      d = d.add(counted(values, v + 3 * WIDTH, instead, w + 3 * WIDTH, mask, i + 3 * WIDTH));
    }
    a.intoArray(lanes, lane);
    b.intoArray(lanes, lane + WIDTH);
    c.intoArray(lanes, lane + 2 * WIDTH);
    d.intoArray(lanes, lane + 3 * WIDTH);
  }

  private static DoubleVector counted(
      float[] values, int v, float[] instead, int w, int[] mask, int i) {
    FloatVector value = FloatVector.fromArray(FLOATS, values, v);
    FloatVector other = FloatVector.fromArray(FLOATS, instead, w);
    FloatVector cell = value.blend(other, value.compare(VectorOperators.NE, value));
    return widen(
        cell.reinterpretAsInts().and(IntVector.fromArray(INTS, mask, i)).reinterpretAsFloats());
  }

  private static int fours(Tile tile) {
    return tile.count() / 4 * 4;
  }

  @Override
  public void square(
      Tile tile, double[] averages, double[] from, int fromAt, double[] to, int toAt) {
    int whole = DOUBLES.loopBound(tile.length());
    PlainKernel.square(tile, averages, from, fromAt, to, toAt, whole);
    int fours = fours(tile);
    double[] source = from;
    int sourceAt = fromAt;
    for (int j = 0; j < tile.count(); j += j < fours ? 4 : 1) {
      if (j < fours) {
        squareFour(tile, j, averages, source, sourceAt, to, toAt, whole);
      } else {
        square(tile, j, averages, source, sourceAt, to, toAt, whole);
      }
      source = to;
      sourceAt = toAt;
    }
  }

  private static void squareFour(
      Tile tile,
      int j,
      double[] averages,
      double[] from,
      int fromAt,
      double[] to,
      int toAt,
      int whole) {
    int k = tile.from() + j;
    squareFour(
        tile.values(j),
        tile.fallback(j),
        averages[k],
        tile.values(j + 1),
        tile.fallback(j + 1),
        averages[k + 1],
        tile.values(j + 2),
        tile.fallback(j + 2),
        averages[k + 2],
        tile.values(j + 3),
        tile.fallback(j + 3),
        averages[k + 3],
        tile.at(),
        from,
        fromAt,
        to,
        toAt,
        whole);
  }

  private static void squareFour(
      float[] a,
      float[] afterA,
      double averageA,
      float[] b,
      float[] afterB,
      double averageB,
      float[] c,
      float[] afterC,
      double averageC,
      float[] d,
      float[] afterD,
      double averageD,
      int at,
      double[] from,
      int fromAt,
      double[] to,
      int toAt,
      int whole) {
    for (int i = 0; i < whole; i += WIDTH) {
      int v = at + i;
      DoubleVector.fromArray(DOUBLES, from, fromAt + i)
          .add(squared(cell(a, afterA, v), averageA))
          .add(squared(cell(b, afterB, v), averageB))
          .add(squared(cell(c, afterC, v), averageC))
          .add(squared(cell(d, afterD, v), averageD))
          .intoArray(to, toAt + i);
    }
  }

  private static void square(
      Tile tile,
      int j,
      double[] averages,
      double[] from,
      int fromAt,
      double[] to,
      int toAt,
      int whole) {
    float[] values = tile.values(j);
    float[] fallback = tile.fallback(j);
    double average = averages[tile.from() + j];
    int at = tile.at();
    for (int i = 0; i < whole; i += WIDTH) {
      DoubleVector.fromArray(DOUBLES, from, fromAt + i)
          .add(squared(cell(values, fallback, at + i), average))
          .intoArray(to, toAt + i);
    }
  }

  @Override
  public void squareObserved(
      Tile tile,
      double[] averages,
      double[] weights,
      double[] numerators,
      double[] denominators,
      int at) {
    int whole = DOUBLES.loopBound(tile.length());
    for (int j = 0; j < tile.count(); j++) {
      double average = averages[tile.from() + j];
      double weight = weights[tile.from() + j];
      float[] values = tile.values(j);
      squareObserved(values, tile.at(), average, weight, numerators, denominators, at, whole);
      PlainKernel.squareObserved(tile, j, average, weight, numerators, denominators, at, whole);
    }
  }

  private static void squareObserved(
      float[] values,
      int from,
      double average,
      double weight,
      double[] numerators,
      double[] denominators,
      int at,
      int whole) {
    DoubleVector zero = DoubleVector.zero(DOUBLES);
    DoubleVector weights = DoubleVector.broadcast(DOUBLES, weight);
    for (int i = 0; i < whole; i += WIDTH) {
      DoubleVector value = widen(FloatVector.fromArray(FLOATS, values, from + i));
      VectorMask<Double> observed = value.compare(VectorOperators.EQ, value);
      DoubleVector distance = value.sub(average);
      DoubleVector.fromArray(DOUBLES, numerators, at + i)
          .add(zero.blend(distance.mul(distance), observed))
          .intoArray(numerators, at + i);
      DoubleVector.fromArray(DOUBLES, denominators, at + i)
          .add(zero.blend(weights, observed))
          .intoArray(denominators, at + i);
    }
  }

  @Override
  public void score(double[] numerators, int at, int length, double denominator) {
    int whole = DOUBLES.loopBound(length);
    DoubleVector one = DoubleVector.broadcast(DOUBLES, 1);
    for (int i = at; i < at + whole; i += WIDTH) {
      one.sub(DoubleVector.fromArray(DOUBLES, numerators, i).div(denominator))
          .intoArray(numerators, i);
    }
    plain.score(numerators, at + whole, length - whole, denominator);
  }

  @Override
  public void carry(float[] column, int at, float[] before, float[] cells, int length) {
    int whole = WIDE_FLOATS.loopBound(length);
    for (int i = 0; i < whole; i += WIDE) {
      FloatVector value = FloatVector.fromArray(WIDE_FLOATS, column, at + i);
      FloatVector other = FloatVector.fromArray(WIDE_FLOATS, before, i);
      value.blend(other, value.compare(VectorOperators.NE, value)).intoArray(cells, i);
    }
    PlainKernel.carry(column, at, before, cells, whole, length);
  }

  private static FloatVector cell(float[] values, float[] fallback, int v) {
    FloatVector value = FloatVector.fromArray(FLOATS, values, v);
    FloatVector other = FloatVector.fromArray(FLOATS, fallback, v);
    return value.blend(other, value.compare(VectorOperators.NE, value));
  }

  private static DoubleVector squared(FloatVector cell, double average) {
    DoubleVector distance = widen(cell).sub(average);
    return distance.mul(distance);
  }

  private static DoubleVector widen(FloatVector cell) {
    return widen(cell, 0);
  }

  private static DoubleVector widen(FloatVector cells, int part) {
    return (DoubleVector) cells.convertShape(VectorOperators.F2D, DOUBLES, part);
  }
}
