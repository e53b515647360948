package dev.lim.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Batches of every form that {@link RewardCodec} has, at its edges. */
final class BatchShapes {

  private BatchShapes() {}

  static List<Rewards> all(Random random) {
    List<Rewards> shapes = new ArrayList<>();
    for (int distinct : new int[] {1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 300}) {
      for (int samples : new int[] {1, 2, 7, 8, 9, 33}) {
        for (int gap : new int[] {1, 255, 256, 65_535, 65_536}) {
          shapes.add(
              batch(random, ordinals(random, samples, gap), sameRollouts(samples, 9), distinct));
        }
        shapes.add(
            batch(
                random,
                ordinals(random, samples, 3),
                rollouts(random, samples, distinct > 16 ? 40 : 5),
                distinct));
      }
    }
    int last = Integer.MAX_VALUE - 1;
    shapes.add(batch(random, new int[] {last}, sameRollouts(1, 1), 1));
    shapes.add(batch(random, new int[] {0, last}, sameRollouts(2, 1), 2));
    shapes.add(batch(random, new int[] {3, 1 << 30, last - 1, last}, sameRollouts(4, 3), 3));
    shapes.add(batch(random, new int[] {5}, new int[] {4096}, 2));
    shapes.add(batch(random, new int[] {5, 6}, new int[] {4096, 1}, 257));
    shapes.add(new Rewards(new int[] {0, 1}, new int[] {4, 3}, extremes(7)));
    shapes.add(new Rewards(new int[] {0}, new int[] {extremes(18).length}, extremes(18)));
    shapes.add(new Rewards(new int[] {7}, new int[] {2}, new float[] {0f, -0f}));
    shapes.add(new Rewards(new int[] {7}, new int[] {1}, new float[] {-0f}));
    return shapes;
  }

  private static float[] extremes(int count) {
    float[] all = {
      0f,
      -0f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_NORMAL,
      Math.nextDown(Float.MIN_NORMAL),
      -Math.nextDown(Float.MIN_NORMAL),
      1e-40f,
      0.1f,
      -0.1f,
      1e30f,
      -1e30f,
      1f,
      Math.nextUp(1f),
      Math.nextDown(1f),
      16777217f
    };
    return Arrays.copyOf(all, count);
  }

  /** Ascending, the widest gap being this one where there are two. */
  private static int[] ordinals(Random random, int samples, int gap) {
    int[] ordinals = new int[samples];
    ordinals[0] = random.nextInt(1000);
    for (int i = 1; i < samples; i++) {
      ordinals[i] = ordinals[i - 1] + (i == 1 ? gap : 1 + random.nextInt(gap));
    }
    return ordinals;
  }

  private static int[] sameRollouts(int samples, int each) {
    int[] rollouts = new int[samples];
    Arrays.fill(rollouts, each);
    return rollouts;
  }

  private static int[] rollouts(Random random, int samples, int most) {
    int[] rollouts = new int[samples];
    Arrays.setAll(rollouts, i -> i == 0 ? most : 1 + random.nextInt(most));
    return rollouts;
  }

  /** Rewards of any finite bits, of at most {@code distinct} kinds; all of them where they fit. */
  private static Rewards batch(Random random, int[] ordinals, int[] rollouts, int distinct) {
    float[] kinds = new float[distinct];
    for (int i = 0; i < distinct; i++) {
      float kind;
      do {
        kind = Float.intBitsToFloat(random.nextInt());
      } while (!Float.isFinite(kind));
      kinds[i] = kind;
    }
    float[] values = new float[Arrays.stream(rollouts).sum()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i < distinct ? kinds[i] : kinds[random.nextInt(distinct)];
    }
    return new Rewards(ordinals, rollouts, values);
  }
}
