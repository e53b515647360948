package dev.lim;

/**
 * The seed of a property test: another one at every run, printed, so that a failure can be seen
 * again with {@code -Dlim.test.seed=...}.
 */
public final class Seed {

  private Seed() {}

  public static long of(Class<?> test) {
    Long given = Long.getLong("lim.test.seed");
    long seed = given == null ? System.nanoTime() : given;
    System.out.printf("%s: -Dlim.test.seed=%d%n", test.getSimpleName(), seed);
    return seed;
  }
}
