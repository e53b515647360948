package dev.lim.scoring;

/**
 * The sum of some float32 values in double, and what tells whether it is exact.
 *
 * <p>Every value is a multiple of its own lowest set bit, so all are multiples of the lowest of
 * these, 2^-q. A sum of n of them is a multiple of it too, and no greater than n * max |v|; if that
 * is at most 2^53 * 2^-q, it has no more than 53 bits and is a double. So where this holds for all
 * n values no addition rounds, nor does taking a value off again, in whatever order: the sum over
 * any of the values is the same bits on every way there. It holds for 0/1 rewards and for their
 * means over any usual number of rollouts, by millions; it does not for a value of 1 beside one of
 * 1e-30, and then only the order of summing says what the sum is.
 *
 * @param sum of the values; of no use where it may have been rounded
 * @param most the greatest magnitude; 0 of no values
 * @param grain no more than the lowest set bit of any value, and no less than half of the lowest of
 *     all; infinite where all are 0
 */
record Total(double sum, float most, float grain) {

  static final Total NONE = new Total(0, 0, Float.POSITIVE_INFINITY);

  private static final double SIGNIFICANT = 0x1p53;

  Total plus(Total other) {
    return new Total(sum + other.sum, Math.max(most, other.most), Math.min(grain, other.grain));
  }

  /** The same sum, but of values that are to be added up with these. */
  Total beside(Total other) {
    return new Total(sum, Math.max(most, other.most), Math.min(grain, other.grain));
  }

  /** Whether no sum of so many values, each like one of these, is ever rounded. */
  boolean isExact(int count) {
    return Float.isFinite(most) && most * (double) count <= SIGNIFICANT * grain;
  }

  /** The {@link #grain} of one value: itself less what is left without its lowest set bit. */
  static float grain(float value) {
    int bits = Float.floatToRawIntBits(Math.abs(value));
    // Of a power of two this clears a bit of the exponent, which leaves at most half of it.
    return bits == 0
        ? Float.POSITIVE_INFINITY
        : Math.abs(value) - Float.intBitsToFloat(bits & bits - 1);
  }
}
