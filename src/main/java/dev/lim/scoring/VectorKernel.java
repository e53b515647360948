package dev.lim.scoring;

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
      DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? DoubleVector.SPECIES_512
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
  public void count(Tile tile, int[] absences, int at, int step) {
    int whole = WIDE_FLOATS.loopBound(tile.length());
    for (int j = 0; j < tile.count(); j++) {
      count(tile.values(j), tile.fallback(j), tile.at(), absences, at, step, whole);
      PlainKernel.count(tile, j, absences, at, step, whole);
    }
  }

  private static void count(
      float[] values, float[] fallback, int from, int[] absences, int at, int step, int whole) {
    for (int i = 0; i < whole; i += WIDE) {
      FloatVector value = FloatVector.fromArray(WIDE_FLOATS, values, from + i);
      FloatVector other = FloatVector.fromArray(WIDE_FLOATS, fallback, from + i);
      VectorMask<Float> empty =
          value.compare(VectorOperators.NE, value).and(other.compare(VectorOperators.NE, other));
      IntVector.fromArray(WIDE_INTS, absences, at + i)
          .add(step, empty.cast(WIDE_INTS))
          .intoArray(absences, at + i);
    }
  }

  @Override
  public void sum(Tile tile, int[] absences, int allowed, double[] sums) {
    int whole = tile.length() / LANES * LANES;
    for (int j = 0; j < tile.count(); j++) {
      float[] values = tile.values(j);
      float[] fallback = tile.fallback(j);
      double[] lanes = new double[LANES];
      for (int lane = 0; lane < LANES; lane += 4 * WIDTH) {
        sum(lanes, lane, values, fallback, tile.at(), absences, allowed, whole);
      }
      PlainKernel.sum(lanes, values, fallback, tile.at(), absences, allowed, whole, tile.length());
      sums[tile.from() + j] = Kernel.combine(lanes);
    }
  }

  private static void sum(
      double[] lanes,
      int lane,
      float[] values,
      float[] fallback,
      int at,
      int[] absences,
      int allowed,
      int whole) {
    DoubleVector a = DoubleVector.zero(DOUBLES);
    DoubleVector b = a;
    DoubleVector c = a;
    DoubleVector d = a;
    for (int i = lane; i < whole; i += LANES) {
      a = a.add(counted(values, fallback, at, absences, allowed, i));
      b = b.add(counted(values, fallback, at, absences, allowed, i + WIDTH));
      c = c.add(counted(values, fallback, at, absences, allowed, i + 2 * WIDTH));
      d = d.add(counted(values, fallback, at, absences, allowed, i + 3 * WIDTH));
    }
    a.intoArray(lanes, lane);
    b.intoArray(lanes, lane + WIDTH);
    c.intoArray(lanes, lane + 2 * WIDTH);
    d.intoArray(lanes, lane + 3 * WIDTH);
  }

  private static DoubleVector counted(
      float[] values, float[] fallback, int at, int[] absences, int allowed, int i) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector cell = cell(values, fallback, at + i);
    VectorMask<Float> eligible =
        IntVector.fromArray(INTS, absences, i).compare(VectorOperators.LE, allowed).cast(FLOATS);
    FloatVector present = zero.blend(cell, cell.compare(VectorOperators.EQ, cell));
    return widen(zero.blend(present, eligible));
  }

  @Override
  public void population(Tile tile, int[] absences, int allowed, int[] counts) {
    int whole = WIDE_FLOATS.loopBound(tile.length());
    for (int j = 0; j < tile.count(); j++) {
      float[] values = tile.values(j);
      counts[tile.from() + j] =
          population(values, tile.at(), absences, allowed, whole)
              + PlainKernel.population(values, tile.at(), absences, allowed, whole, tile.length());
    }
  }

  private static int population(float[] values, int at, int[] absences, int allowed, int whole) {
    IntVector counts = IntVector.zero(WIDE_INTS);
    for (int i = 0; i < whole; i += WIDE) {
      FloatVector value = FloatVector.fromArray(WIDE_FLOATS, values, at + i);
      IntVector one =
          IntVector.zero(WIDE_INTS)
              .blend(1, value.compare(VectorOperators.EQ, value).cast(WIDE_INTS));
      counts =
          counts.add(
              one,
              IntVector.fromArray(WIDE_INTS, absences, i).compare(VectorOperators.LE, allowed));
    }
    return counts.reduceLanes(VectorOperators.ADD);
  }

  @Override
  public void square(Tile tile, double[] averages, double[] numerators, int at) {
    int whole = DOUBLES.loopBound(tile.length());
    int fours = tile.count() / 4 * 4;
    for (int j = 0; j < fours; j += 4) {
      squareFour(tile, j, averages, numerators, at, whole);
    }
    for (int j = fours; j < tile.count(); j++) {
      square(
          tile.values(j),
          tile.fallback(j),
          tile.at(),
          averages[tile.from() + j],
          numerators,
          at,
          whole);
    }
    for (int j = 0; j < tile.count(); j++) {
      PlainKernel.square(tile, j, averages[tile.from() + j], numerators, at, whole);
    }
  }

  private static void squareFour(
      Tile tile, int j, double[] averages, double[] numerators, int at, int whole) {
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
        numerators,
        at,
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
      int from,
      double[] numerators,
      int at,
      int whole) {
    for (int i = 0; i < whole; i += WIDTH) {
      int v = from + i;
      DoubleVector.fromArray(DOUBLES, numerators, at + i)
          .add(squared(cell(a, afterA, v), averageA))
          .add(squared(cell(b, afterB, v), averageB))
          .add(squared(cell(c, afterC, v), averageC))
          .add(squared(cell(d, afterD, v), averageD))
          .intoArray(numerators, at + i);
    }
  }

  private static void square(
      float[] values,
      float[] fallback,
      int from,
      double average,
      double[] numerators,
      int at,
      int whole) {
    for (int i = 0; i < whole; i += WIDTH) {
      DoubleVector.fromArray(DOUBLES, numerators, at + i)
          .add(squared(cell(values, fallback, from + i), average))
          .intoArray(numerators, at + i);
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
  public void score(double[] numerators, double denominator, double[] scores, int at) {
    int whole = DOUBLES.loopBound(numerators.length);
    DoubleVector one = DoubleVector.broadcast(DOUBLES, 1);
    for (int i = 0; i < whole; i += WIDTH) {
      one.sub(DoubleVector.fromArray(DOUBLES, numerators, i).div(denominator))
          .intoArray(scores, at + i);
    }
    PlainKernel.score(numerators, denominator, scores, at, whole);
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
    return (DoubleVector) cell.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }
}
