package dev.lim.reward;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * How a batch's rewards lie in one {@code bytea}: columns, little-endian, each as narrow as its
 * content allows.
 *
 * <pre>
 * offset  bytes
 *  0      1      version, 1
 *  1      1      bytes of an ordinal's delta: 1, 2 or 4
 *  2      1      bytes of a number of rollouts: 0 (all the same) or 2
 *  3      1      bits of a reward's code: 0, 1, 2, 4 or 8; 32: float32 itself, no dictionary
 *  4      4      n, samples
 *  8      4      m, rewards
 * 12      4      the first ordinal
 * 16      2      rollouts of each sample, where all have the same; else 0
 * 18      2      d, floats in the dictionary
 * 20      4 d    dictionary: the distinct rewards as float32, ascending by bits
 *         w n    ordinals, each less the one before
 *         0|2 n  rollouts
 *         b m/8  codes, the first in the lowest bits; or float32
 * </pre>
 *
 * 0/1 rewards take 1 bit each. The SQL function {@code reward_batch_rollouts} reads the same
 * layout.
 */
final class RewardCodec {

  private static final byte VERSION = 1;
  static final int HEADER = 20;

  /** Bits of a code that is the float32 itself. */
  static final int RAW = 32;

  private static final int LARGEST_DICTIONARY = 256;

  private RewardCodec() {}

  static byte[] pack(Rewards rewards) {
    int n = rewards.samples();
    int m = rewards.values().length;
    int[] dictionary = dictionary(rewards.values());
    int codeBits = dictionary.length > LARGEST_DICTIONARY ? RAW : codeBits(dictionary.length);
    int entries = codeBits == RAW ? 0 : dictionary.length;
    int deltaBytes = deltaBytes(rewards.ordinals());
    int rolloutBytes = allTheSame(rewards.rollouts()) ? 0 : 2;
    long codeBytes = ((long) m * codeBits + 7) / 8;
    ByteBuffer to =
        ByteBuffer.allocate(
                Math.toIntExact(
                    HEADER + 4L * entries + (long) n * (deltaBytes + rolloutBytes) + codeBytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    to.put(VERSION).put((byte) deltaBytes).put((byte) rolloutBytes).put((byte) codeBits);
    to.putInt(n).putInt(m).putInt(rewards.ordinals()[0]);
    to.putShort((short) (rolloutBytes == 0 ? rewards.rollouts()[0] : 0)).putShort((short) entries);
    for (int i = 0; i < entries; i++) {
      to.putInt(dictionary[i]);
    }
    putDeltas(to, rewards.ordinals(), deltaBytes);
    if (rolloutBytes == 2) {
      for (int rollouts : rewards.rollouts()) {
        to.putShort((short) rollouts);
      }
    }
    if (codeBits == RAW) {
      for (float value : rewards.values()) {
        to.putFloat(value);
      }
    } else if (codeBits > 0) {
      putCodes(to, rewards.values(), dictionary, codeBits);
    }
    return to.array();
  }

  /**
   * @throws IllegalStateException where the bytes are of a version that this service does not know
   */
  static Rewards unpack(byte[] packed) {
    return new PackedRewards().of(packed).unpacked();
  }

  static void requireKnown(byte version) {
    if (version != VERSION) {
      throw new IllegalStateException(
          "The reward log holds a batch of version " + version + "; this service knows " + VERSION);
    }
  }

  /**
   * The distinct rewards as bits, ascending; more than {@value #LARGEST_DICTIONARY} where there are
   * too many.
   */
  private static int[] dictionary(float[] values) {
    int[] found = new int[LARGEST_DICTIONARY + 1];
    int size = 0;
    int last = 0;
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      if (size > 0 && bits == last) {
        continue;
      }
      last = bits;
      int at = Arrays.binarySearch(found, 0, size, bits);
      if (at < 0) {
        if (size == LARGEST_DICTIONARY) {
          return found;
        }
        System.arraycopy(found, -at - 1, found, -at, size + at + 1);
        found[-at - 1] = bits;
        size++;
      }
    }
    return Arrays.copyOf(found, size);
  }

  private static int codeBits(int size) {
    return size == 1 ? 0 : size <= 2 ? 1 : size <= 4 ? 2 : size <= 16 ? 4 : 8;
  }

  private static int deltaBytes(int[] ordinals) {
    int widest = 0;
    for (int i = 1; i < ordinals.length; i++) {
      widest = Math.max(widest, ordinals[i] - ordinals[i - 1]);
    }
    return widest < 1 << 8 ? 1 : widest < 1 << 16 ? 2 : 4;
  }

  private static boolean allTheSame(int[] numbers) {
    for (int number : numbers) {
      if (number != numbers[0]) {
        return false;
      }
    }
    return true;
  }

  private static void putDeltas(ByteBuffer to, int[] ordinals, int width) {
    for (int i = 0; i < ordinals.length; i++) {
      int delta = i == 0 ? 0 : ordinals[i] - ordinals[i - 1];
      switch (width) {
        case 1 -> to.put((byte) delta);
        case 2 -> to.putShort((short) delta);
        default -> to.putInt(delta);
      }
    }
  }

  private static void putCodes(ByteBuffer to, float[] values, int[] dictionary, int bits) {
    int pending = 0;
    int filled = 0;
    int lastBits = dictionary[0];
    int lastCode = 0;
    for (float value : values) {
      int valueBits = Float.floatToRawIntBits(value);
      if (valueBits != lastBits) {
        lastBits = valueBits;
        lastCode = Arrays.binarySearch(dictionary, valueBits);
      }
      pending |= lastCode << filled;
      filled += bits;
      if (filled == Byte.SIZE) {
        to.put((byte) pending);
        pending = 0;
        filled = 0;
      }
    }
    if (filled > 0) {
      to.put((byte) pending);
    }
  }
}
