package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RewardsTests {

  private final Random random = new Random(Seed.of(getClass()));

  @Test
  void theOrderOfSamplesDoesNotMatter() {
    for (Rewards rewards : BatchShapes.all(random)) {
      Rewards sorted = shuffledAndSorted(rewards);
      assertThat(sorted.ordinals()).isEqualTo(rewards.ordinals());
      assertThat(sorted.rollouts()).isEqualTo(rewards.rollouts());
      assertThat(Arrays.equals(sorted.values(), rewards.values())).isTrue();
      assertThat(sorted.digest(3L)).isEqualTo(rewards.digest(3L));
    }
  }

  @Test
  void theStepMatters() {
    Rewards rewards = of(new int[] {1}, 0f, 1f);
    assertThat(rewards.digest(1L)).isNotEqualTo(rewards.digest(2L));
    assertThat(rewards.digest(1L)).isNotEqualTo(rewards.digest(null));
    assertThat(rewards.digest(1L)).isNotEqualTo(rewards.digest(1L + (1L << 32)));
  }

  @Test
  void theOrderOfValuesMatters() {
    assertThat(of(new int[] {2}, 0f, 1f).digest(1L))
        .isNotEqualTo(of(new int[] {2}, 1f, 0f).digest(1L));
  }

  @Test
  void whoseValuesTheyAreMatters() {
    float[] values = {0, 1, 1};
    byte[] digest = new Rewards(new int[] {4, 5}, new int[] {1, 2}, values).digest(1L);
    assertThat(new Rewards(new int[] {4, 5}, new int[] {2, 1}, values).digest(1L))
        .isNotEqualTo(digest);
    assertThat(new Rewards(new int[] {4, 6}, new int[] {1, 2}, values).digest(1L))
        .isNotEqualTo(digest);
  }

  @Test
  void anySingleValueMattersInALargeBatch() {
    float[] values = new float[10_000];
    Rewards rewards = new Rewards(new int[] {0, 9}, new int[] {4096, 5904}, values);
    byte[] digest = rewards.digest(1L);
    for (int i = 0; i < 200; i++) {
      int at = random.nextInt(values.length);
      values[at] = 1;
      assertThat(rewards.digest(1L)).as("value %d", at).isNotEqualTo(digest);
      values[at] = 0;
    }
    assertThat(rewards.digest(1L)).isEqualTo(digest);
  }

  private static Rewards of(int[] rollouts, float... values) {
    return new Rewards(new int[] {0}, rollouts, values);
  }

  private Rewards shuffledAndSorted(Rewards rewards) {
    List<Integer> order =
        new java.util.ArrayList<>(IntStream.range(0, rewards.samples()).boxed().toList());
    Collections.shuffle(order, random);
    int[] starts = new int[rewards.samples()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + rewards.rollouts()[i - 1];
    }
    int[] ordinals = new int[starts.length];
    int[] rollouts = new int[starts.length];
    float[] values = new float[rewards.values().length];
    int to = 0;
    for (int i = 0; i < starts.length; i++) {
      int from = order.get(i);
      ordinals[i] = rewards.ordinals()[from];
      rollouts[i] = rewards.rollouts()[from];
      System.arraycopy(rewards.values(), starts[from], values, to, rollouts[i]);
      to += rollouts[i];
    }
    return Rewards.sorted(ordinals, rollouts, values);
  }
}
