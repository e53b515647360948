package dev.lim.selection;

/**
 * Chance that is a function of a seed and of what is drawn for: neither of the order of rows, nor
 * of who posted first, nor of the instance.
 *
 * <p>Static: {@link #bits} mixes a seed with a sample's hash ({@link Chosen#idHash}) and, where one
 * sample needs several, a number. An instance is a sequence of draws.
 *
 * <p>The mixer is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
 * Number Generators, OOPSLA 2014, section 4), applied after each part. The sequence is SplitMix64
 * itself. An instance is not thread-safe.
 */
public final class Chance {

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;

  /** A sequence for a seed and a purpose; other purposes have other sequences. */
  public Chance(long seed, long purpose) {
    state = bits(seed, purpose);
  }

  /** 64 bits for a seed and a sample. */
  public static long bits(long seed, long hash) {
    return mix(mix(seed + GOLDEN) + hash);
  }

  /** 64 bits for a seed, a sample and a number. */
  public static long bits(long seed, long hash, long number) {
    return mix(bits(seed, hash) + (number + 1) * GOLDEN);
  }

  /** Uniform in [0, 1): the upper 53 bits. */
  public static double uniform(long bits) {
    return (bits >>> 11) * 0x1p-53;
  }

  /** The next 64 bits. */
  public long next() {
    state += GOLDEN;
    return mix(state);
  }

  /** The next number, uniform in [0, 1). */
  public double nextUniform() {
    return uniform(next());
  }

  /** The next whole number, uniform in [0, bound). */
  public int nextBelow(int bound) {
    // Lemire: Fast Random Integer Generation in an Interval, 2019, without its rejection: the bias
    // is below 2^-32.
    return (int) Math.unsignedMultiplyHigh(next(), bound);
  }

  private static long mix(long bits) {
    long mixed = bits;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
