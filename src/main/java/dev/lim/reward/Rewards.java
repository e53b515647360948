package dev.lim.reward;

import it.unimi.dsi.fastutil.longs.LongArrays;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * The content of a batch: for each sample its rollout rewards, in their order.
 *
 * @param ordinals of the samples, ascending, each once
 * @param rollouts how many rewards each sample has, at least 1
 * @param values float32 rewards, sample after sample
 */
record Rewards(int[] ordinals, int[] rollouts, float[] values) {

  private static final int PORTION = 1 << 13;

  int samples() {
    return ordinals.length;
  }

  /** The same content with its samples in ascending order. */
  static Rewards sorted(int[] ordinals, int[] rollouts, float[] values) {
    long[] order = order(ordinals);
    if (isIdentity(order)) {
      return new Rewards(ordinals, rollouts, values);
    }
    int[] starts = new int[ordinals.length];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + rollouts[i - 1];
    }
    Rewards sorted =
        new Rewards(new int[ordinals.length], new int[ordinals.length], new float[values.length]);
    for (int i = 0, to = 0; i < order.length; i++) {
      int from = (int) order[i];
      sorted.ordinals[i] = ordinals[from];
      sorted.rollouts[i] = rollouts[from];
      System.arraycopy(values, starts[from], sorted.values, to, rollouts[from]);
      to += rollouts[from];
    }
    return sorted;
  }

  /** Ordinal and index of each sample, packed into a long, in ascending order. */
  static long[] order(int[] ordinals) {
    long[] order = new long[ordinals.length];
    boolean ascending = true;
    for (int i = 0; i < order.length; i++) {
      order[i] = (long) ordinals[i] << 32 | i;
      ascending &= i == 0 || order[i] > order[i - 1];
    }
    if (!ascending) {
      LongArrays.radixSort(order);
    }
    return order;
  }

  private static boolean isIdentity(long[] order) {
    for (int i = 0; i < order.length; i++) {
      if ((int) order[i] != i) {
        return false;
      }
    }
    return true;
  }

  /**
   * SHA-256 over the step, and each sample's ordinal, number of rollouts and rewards as float32
   * bits, all little-endian: equal for the same content, however the batch was sent and is packed.
   */
  byte[] digest(@Nullable Long step) {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(PORTION).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(step == null ? 0 : step);
    for (int i = 0, v = 0; i < ordinals.length; i++) {
      spill(buffer, digest);
      buffer.putInt(ordinals[i]).putInt(rollouts[i]);
      for (int end = v + rollouts[i]; v < end; v++) {
        spill(buffer, digest);
        buffer.putInt(Float.floatToRawIntBits(values[v]));
      }
    }
    digest.update(buffer.flip());
    return digest.digest();
  }

  private static void spill(ByteBuffer buffer, MessageDigest digest) {
    if (buffer.remaining() < Long.BYTES) {
      digest.update(buffer.flip());
      buffer.clear();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
