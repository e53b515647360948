package dev.lim.scoring;

/**
 * Random numbers by counting: the number for a key is a hash of it, so it depends neither on the
 * order in which numbers are asked for nor on who asks. The step and the finalizer of SplitMix64
 * (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014; constants of
 * Stafford's variant 13): the n-th number of a stream is {@code mix(stream + n * STEP)}.
 */
public final class Streams {

  /** The odd integer nearest to 2^64 divided by the golden ratio. */
  public static final long STEP = 0x9e3779b97f4a7c15L;

  private Streams() {}

  /** A permutation of all longs that leaves no trace of its argument's order. */
  public static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
    return b ^ b >>> 31;
  }
}
