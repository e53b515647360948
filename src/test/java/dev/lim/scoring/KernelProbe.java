package dev.lim.scoring;

import dev.lim.scoring.Alignment.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Selects the kernel that its argument names, in a JVM of its own, and prints what came of it. */
final class KernelProbe {

  public static void main(String[] args) {
    try {
      String name = Kernels.select(KernelChoice.valueOf(args[0]));
      Kernels.select(KernelChoice.AUTO);
      System.out.println(name + " " + digest());
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
  }

  /** Of the bits of all scores of some columns under all rules. */
  static int digest() {
    return digest(Kernels.current());
  }

  static int digest(Kernel kernel) {
    Random random = new Random(1);
    List<Column> columns = Stream.generate(() -> column(random)).limit(21).toList();
    return Arrays.stream(MissingRule.values())
        .map(missing -> Alignment.of(columns, 1_003, new Rule(1, missing, 3), kernel))
        .mapToInt(alignment -> Arrays.hashCode(alignment.scores()))
        .reduce(0, (digest, hash) -> 31 * digest + hash);
  }

  private static Column column(Random random) {
    float[] column = new float[1_003];
    for (int i = 0; i < column.length; i++) {
      column[i] = random.nextInt(100) == 0 ? Float.NaN : random.nextFloat();
    }
    return Column.of(column);
  }
}
