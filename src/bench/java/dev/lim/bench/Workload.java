package dev.lim.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/**
 * The batches of a run, made ahead: batch {@code n} is slot {@code n % slots} of epoch {@code n /
 * slots + 1}, and holds the next {@code samplesPerBatch} samples. Contents recur under other keys,
 * so that they can be encoded before the clock runs. Immutable.
 */
final class Workload {

  private static final int VARIANTS = 4;

  private final Options options;

  /** {@code [slot][variant]} */
  private final byte[][][] bodies;

  /** r_i^k: {@code [slot][variant][sample in the batch]} */
  private final float[][][] rewards;

  Workload(Options options) {
    this.options = options;
    bodies = new byte[options.slots()][VARIANTS][];
    rewards = new float[options.slots()][VARIANTS][options.samplesPerBatch()];
    SplittableRandom random = new SplittableRandom(options.seed());
    for (int slot = 0; slot < options.slots(); slot++) {
      for (int variant = 0; variant < VARIANTS; variant++) {
        byte[] body = body(slot, rewards[slot][variant], random);
        bodies[slot][variant] = options.gzip() && !options.ndjson() ? zipped(body) : body;
      }
    }
  }

  private byte[] body(int slot, float[] means, SplittableRandom random) {
    StringBuilder json = new StringBuilder(options.batch() * 4).append("{\"rewards\":[");
    for (int i = 0; i < means.length; i++) {
      json.append(i == 0 ? "" : ",").append("{\"sample\":\"");
      json.append(sample(slot, i)).append("\",\"values\":[");
      double chance = random.nextDouble();
      double sum = 0;
      for (int j = 0; j < options.rollouts(); j++) {
        float value =
            options.binary()
                ? random.nextDouble() < chance ? 1 : 0
                : (float) (chance * random.nextDouble(-1, 1));
        sum += value;
        json.append(j == 0 ? "" : ",");
        json.append(options.binary() ? Integer.toString((int) value) : Float.toString(value));
      }
      json.append("]}");
      means[i] = (float) (sum / options.rollouts());
    }
    return json.append("]}").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private String sample(int slot, int i) {
    return "prompt-%06d".formatted(slot * options.samplesPerBatch() + i);
  }

  static byte[] zipped(byte[] bytes) {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(to)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to.toByteArray();
  }

  int epoch(long n) {
    return (int) (n / options.slots()) + 1;
  }

  private int slot(long n) {
    return (int) (n % options.slots());
  }

  private int variant(long n) {
    return (int) ((epoch(n) * 31L + slot(n) * 7L) % VARIANTS);
  }

  String path(String run, long n) {
    return "/runs/" + run + "/epochs/" + epoch(n) + "/batches/part-" + slot(n);
  }

  byte[] body(long n) {
    return bodies[slot(n)][variant(n)];
  }

  /** Batches {@code from} to {@code to}, the latter excluded, a line each. */
  byte[] lines(long from, long to) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (long n = from; n < to; n++) {
      String head = "{\"epoch\":%d,\"batch\":\"part-%d\",".formatted(epoch(n), slot(n));
      lines.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
      lines.write(body(n), 1, body(n).length - 1);
      lines.write('\n');
    }
    return options.gzip() ? zipped(lines.toByteArray()) : lines.toByteArray();
  }

  /**
   * The scores after these batches under {@code missing=observed}, by the formula and nothing else,
   * R = 1. Samples without a score are left out.
   */
  Map<String, Double> scores(BitSet batches) {
    int epochs = epoch(batches.length() - 1);
    double[] average = new double[epochs + 1];
    long[] observed = new long[epochs + 1];
    batches.stream()
        .forEach(n -> {
          for (float reward : rewards[slot(n)][variant(n)]) {
            average[epoch(n)] += reward;
          }
          observed[epoch(n)] += options.samplesPerBatch();
        });
    for (int epoch = 1; epoch <= epochs; epoch++) {
      average[epoch] /= observed[epoch];
    }
    double[][] above = new double[options.slots()][options.samplesPerBatch()];
    double[] below = new double[options.slots()];
    batches.stream()
        .forEach(n -> {
          double mean = average[epoch(n)];
          float[] values = rewards[slot(n)][variant(n)];
          for (int i = 0; i < values.length; i++) {
            above[slot(n)][i] += (values[i] - mean) * (values[i] - mean);
          }
          below[slot(n)] += (1 - mean) * (1 - mean);
        });
    Map<String, Double> scores = new HashMap<>();
    for (int slot = 0; slot < options.slots(); slot++) {
      for (int i = 0; i < options.samplesPerBatch() && below[slot] > 0; i++) {
        scores.put(sample(slot, i), 1 - above[slot][i] / below[slot]);
      }
    }
    return scores;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d rewards a batch (%,d samples x %d), %,d bytes as sent%s",
        options.batch(),
        options.samplesPerBatch(),
        options.rollouts(),
        bodies[0][0].length,
        options.gzip() ? ", gzip" : "");
  }
}
