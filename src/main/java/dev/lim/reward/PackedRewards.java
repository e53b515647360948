package dev.lim.reward;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A batch's rewards read where they lie packed, some thousand of them at a time; the layout is
 * {@link RewardCodec}'s. One object reads batch after batch. Not thread-safe.
 */
final class PackedRewards {

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  /** Rewards that are decoded at a time, or one sample's where these are more. */
  private static final int WINDOW = 1 << 13;

  private byte[] bytes = {};
  private int deltaBytes;
  private int rolloutBytes;
  private int codeBits;
  private int samples;
  private int rewards;
  private int first;
  private int sameRollouts;
  private float[] dictionary = {};
  private int ordinalsAt;
  private int rolloutsAt;
  private int codesAt;
  private float[] decoded = {};
  private int decodedFrom;
  private int decodedTo;

  /**
   * Turns to another batch.
   *
   * @throws IllegalStateException where the bytes are of a version that this service does not know
   */
  PackedRewards of(byte[] packed) {
    RewardCodec.requireKnown(packed[0]);
    bytes = packed;
    deltaBytes = packed[1];
    rolloutBytes = packed[2];
    codeBits = packed[3];
    samples = (int) INT.get(packed, 4);
    rewards = (int) INT.get(packed, 8);
    first = (int) INT.get(packed, 12);
    sameRollouts = unsignedShort(16);
    int entries = unsignedShort(18);
    ordinalsAt = RewardCodec.HEADER + 4 * entries;
    rolloutsAt = ordinalsAt + samples * deltaBytes;
    codesAt = rolloutsAt + samples * rolloutBytes;
    readDictionary(entries);
    decodedFrom = 0;
    decodedTo = 0;
    return this;
  }

  /** Most batches have the dictionary of the one before: it is kept then, as the same array. */
  private void readDictionary(int entries) {
    boolean same = entries == dictionary.length;
    for (int i = 0; same && i < entries; i++) {
      same =
          Float.floatToRawIntBits(dictionary[i])
              == (int) INT.get(bytes, RewardCodec.HEADER + 4 * i);
    }
    if (!same) {
      dictionary = new float[entries];
      for (int i = 0; i < entries; i++) {
        dictionary[i] = (float) FLOAT.get(bytes, RewardCodec.HEADER + 4 * i);
      }
    }
  }

  int samples() {
    return samples;
  }

  /** How many there are of all samples. */
  int rewards() {
    return rewards;
  }

  /** The ordinals of the samples; gives back {@code to}, or a larger array. */
  int[] ordinals(int[] to) {
    int[] ordinals = to.length < samples ? new int[Math.max(samples, 2 * to.length)] : to;
    int ordinal = first;
    switch (deltaBytes) {
      case 1 -> {
        for (int i = 0; i < samples; i++) {
          ordinal += bytes[ordinalsAt + i] & 0xff;
          ordinals[i] = ordinal;
        }
      }
      case 2 -> {
        for (int i = 0; i < samples; i++) {
          ordinal += unsignedShort(ordinalsAt + 2 * i);
          ordinals[i] = ordinal;
        }
      }
      default -> {
        for (int i = 0; i < samples; i++) {
          ordinal += (int) INT.get(bytes, ordinalsAt + 4 * i);
          ordinals[i] = ordinal;
        }
      }
    }
    return ordinals;
  }

  /** How many rewards the i-th sample has. */
  int rollouts(int i) {
    return rolloutBytes == 0 ? sameRollouts : unsignedShort(rolloutsAt + 2 * i);
  }

  /**
   * Sees to it that the rewards {@code from..to}, of those of all samples one after another, lie in
   * {@link #decoded}.
   *
   * @return where they begin there
   */
  int decode(int from, int to) {
    if (from < decodedFrom || to > decodedTo) {
      decodedFrom = from;
      decodedTo = Math.max(to, Math.min(from + WINDOW, rewards));
      if (decoded.length < decodedTo - decodedFrom) {
        decoded = new float[decodedTo - decodedFrom];
      }
      decode();
    }
    return from - decodedFrom;
  }

  /** What was decoded last; until the next call of {@link #decode}. Do not modify. */
  float[] decoded() {
    return decoded;
  }

  private void decode() {
    int count = decodedTo - decodedFrom;
    if (codeBits == RewardCodec.RAW) {
      ByteBuffer.wrap(bytes, codesAt + 4 * decodedFrom, 4 * count)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(decoded, 0, count);
    } else if (codeBits == 0) {
      Arrays.fill(decoded, 0, count, dictionary[0]);
    } else {
      int mask = (1 << codeBits) - 1;
      int bit = decodedFrom * codeBits;
      for (int i = 0; i < count; i++, bit += codeBits) {
        decoded[i] = dictionary[bytes[codesAt + (bit >>> 3)] >>> (bit & 7) & mask];
      }
    }
  }

  /**
   * How many bits hold the rewards of a sample, where all samples have the same number of rewards
   * and these lie as codes; -1 elsewhere. Equal bits and an equal {@link #dictionary} are equal
   * rewards in equal order.
   */
  int patternBits() {
    long bits = (long) sameRollouts * codeBits;
    return rolloutBytes == 0 && codeBits != RewardCodec.RAW && bits <= Short.SIZE ? (int) bits : -1;
  }

  /** The bits of the i-th sample's rewards; only where {@link #patternBits} are 0 to 16. */
  int pattern(int i, int width) {
    if (width == Byte.SIZE) {
      return bytes[codesAt + i] & 0xff;
    }
    int bit = i * width;
    int at = codesAt + (bit >>> 3);
    int held = 0;
    for (int shift = 0, left = (bit & 7) + width; left > 0; shift += 8, left -= 8) {
      held |= (bytes[at++] & 0xff) << shift;
    }
    return held >>> (bit & 7) & (1 << width) - 1;
  }

  /** The distinct rewards, of which codes are the indices. Do not modify. */
  float[] dictionary() {
    return dictionary;
  }

  /** The content in arrays of its own. */
  Rewards unpacked() {
    int[] rollouts = new int[samples];
    Arrays.setAll(rollouts, this::rollouts);
    int from = decode(0, rewards);
    float[] values = Arrays.copyOfRange(decoded, from, from + rewards);
    return new Rewards(Arrays.copyOf(ordinals(new int[samples]), samples), rollouts, values);
  }

  private int unsignedShort(int at) {
    return Short.toUnsignedInt((short) SHORT.get(bytes, at));
  }
}
