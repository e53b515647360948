package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lim.Seed;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RewardCodecTests {

  private final List<Rewards> shapes = BatchShapes.all(new Random(Seed.of(getClass())));

  @Test
  void givesBackEveryBitOfEveryShape() {
    for (Rewards rewards : shapes) {
      Rewards back = RewardCodec.unpack(RewardCodec.pack(rewards));
      assertThat(back.ordinals()).isEqualTo(rewards.ordinals());
      assertThat(back.rollouts()).isEqualTo(rewards.rollouts());
      assertThat(bits(back)).isEqualTo(bits(rewards));
    }
  }

  @Test
  void theShapesTakeEveryForm() {
    Set<String> forms = new HashSet<>();
    for (Rewards rewards : shapes) {
      byte[] packed = RewardCodec.pack(rewards);
      forms.add("delta " + packed[1]);
      forms.add("rollouts " + packed[2]);
      forms.add("code " + packed[3]);
    }
    assertThat(forms)
        .containsExactlyInAnyOrder(
            "delta 1",
            "delta 2",
            "delta 4",
            "rollouts 0",
            "rollouts 2",
            "code 0",
            "code 1",
            "code 2",
            "code 4",
            "code 8",
            "code 32");
  }

  @Test
  void aZeroOrOneRewardTakesOneBit() {
    int samples = 1024;
    int[] ordinals = new int[samples];
    int[] rollouts = new int[samples];
    float[] values = new float[samples * 8];
    for (int i = 0; i < samples; i++) {
      ordinals[i] = i;
      rollouts[i] = 8;
      values[i * 8] = 1;
    }
    assertThat(RewardCodec.pack(new Rewards(ordinals, rollouts, values)))
        .hasSize(20 + 2 * 4 + samples + samples);
  }

  @Test
  void refusesAVersionThatItDoesNotKnow() {
    byte[] packed = RewardCodec.pack(shapes.getFirst());
    packed[0] = 2;
    assertThatThrownBy(() -> RewardCodec.unpack(packed))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("version 2");
  }

  private static int[] bits(Rewards rewards) {
    int[] bits = new int[rewards.values().length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(rewards.values()[i]);
    }
    return bits;
  }
}
