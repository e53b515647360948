package dev.lim.scoring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that can come of drawing from some urns of rewards with replacement, with its probabilities,
 * so that one random number draws a whole cell.
 *
 * <p>From an urn of n rewards n - 1 are drawn: of the variance that a mean of n rollouts has, p (1
 * - p) / n for rewards 0 and 1, the mean of n draws from n seen rollouts has on average only (n -
 * 1) / n, the mean of n - 1 draws all (Efron, "The Jackknife, the Bootstrap and Other Resampling
 * Plans", 1982; Rao and Wu, "Resampling inference with complex survey data", JASA 83, 1988). An urn
 * of one has no variance that could be seen: its reward stays.
 *
 * <p>What is drawn is an outcome: a number that stands for the sum, count and solved ones of the
 * drawn rewards. Each urn has an alias table (Walker 1977; Vose 1991) of a power of two slots: the
 * upper bits of a random number choose the slot, the lower 32 between its two outcomes. Immutable
 * and thread-safe.
 */
public final class DrawTable {

  private static final int MOST_OUTCOMES_OF_AN_URN = 512;
  private static final int MOST_SLOTS = 1 << 20;
  private static final int MOST_OUTCOMES = 1 << 16;

  /** By urn: its first slot, shifted by 6, and by how much a random number is shifted. */
  private final int[] urns;

  /** Threshold in the upper 32 bits, then two outcomes of 16 bits. */
  private final long[] slots;

  private final double[] sum;
  private final int[] count;
  private final int[] solved;

  private DrawTable(int[] urns, long[] slots, List<Outcome> outcomes) {
    this.urns = urns;
    this.slots = slots;
    this.sum = outcomes.stream().mapToDouble(Outcome::sum).toArray();
    this.count = outcomes.stream().mapToInt(Outcome::count).toArray();
    this.solved = outcomes.stream().mapToInt(Outcome::solved).toArray();
  }

  private record Outcome(double sum, int count, int solved) {}

  /** How many rewards are drawn from an urn of {@code size}. */
  public static int draws(int size) {
    return Math.max(Math.min(size, 1), size - 1);
  }

  /**
   * The table of some urns; outcome 0 is that of an urn without rewards.
   *
   * @param values the rewards of urn u, ascending, from {@code starts[u]} to {@code starts[u + 1]}
   * @param correctAt from which a reward counts as solved
   * @return null where there are too many outcomes for a table to be worth it
   */
  public static @Nullable DrawTable of(int[] starts, float[] values, float correctAt) {
    Builder builder = new Builder(values, correctAt);
    int[] urns = new int[starts.length - 1];
    for (int urn = 0; urn < urns.length; urn++) {
      int start = starts[urn];
      int size = starts[urn + 1] - start;
      if (!builder.enumerate(start, size)
          || builder.outcomes.size() > MOST_OUTCOMES
          || builder.size + 2 * MOST_OUTCOMES_OF_AN_URN > MOST_SLOTS) {
        return null;
      }
      urns[urn] = builder.append();
    }
    return new DrawTable(urns, Arrays.copyOf(builder.slots, builder.size), builder.outcomes);
  }

  /** How many outcomes there are, the one of nothing included. */
  public int outcomes() {
    return sum.length;
  }

  /** By outcome. Not a copy: not to be modified. */
  public double[] sum() {
    return sum;
  }

  /** By outcome. Not a copy: not to be modified. */
  public int[] count() {
    return count;
  }

  /** By outcome. Not a copy: not to be modified. */
  public int[] solved() {
    return solved;
  }

  /**
   * Draws once from the urn of each row.
   *
   * @param urnOfRow its length is the number of rows
   * @param streams by row, the random stream; its number {@code n} is used
   * @param to takes the outcomes; there must be at most 256
   */
  public void draw(char[] urnOfRow, long[] streams, int n, byte[] to) {
    long step = n * Streams.STEP;
    for (int row = 0; row < urnOfRow.length; row++) {
      to[row] = (byte) outcome(urns[urnOfRow[row]], Streams.mix(streams[row] + step));
    }
  }

  /** The same for any number of outcomes. */
  public void draw(char[] urnOfRow, long[] streams, int n, char[] to) {
    long step = n * Streams.STEP;
    for (int row = 0; row < urnOfRow.length; row++) {
      to[row] = (char) outcome(urns[urnOfRow[row]], Streams.mix(streams[row] + step));
    }
  }

  private int outcome(int urn, long random) {
    long slot = slots[(urn >>> 6) + (int) (random >>> urn)];
    // 16 where the lower half is below the threshold: a branch here would be a coin toss.
    int shift = (int) ((random & 0xffffffffL) - (slot >>> 32) >> 63) & 16;
    return (int) (slot >>> shift) & 0xffff;
  }

  /** What it occupies. */
  public long bytes() {
    return 4L * urns.length + 8L * slots.length + 16L * sum.length;
  }

  private static final class Builder {

    private final float[] values;
    private final float correctAt;
    private final Map<Outcome, Integer> numbers = new HashMap<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private long[] slots = new long[64];
    private int size;

    /** Of the urn at hand: its distinct rewards, and its outcomes with their probabilities. */
    private final List<Float> kinds = new ArrayList<>();

    private final List<Integer> amounts = new ArrayList<>();
    private final List<Integer> found = new ArrayList<>();
    private final List<Double> weights = new ArrayList<>();

    Builder(float[] values, float correctAt) {
      this.values = values;
      this.correctAt = correctAt;
      number(new Outcome(0, 0, 0));
    }

    /** Whether the urn has few enough outcomes. */
    boolean enumerate(int start, int urnSize) {
      kinds.clear();
      amounts.clear();
      found.clear();
      weights.clear();
      for (int i = start; i < start + urnSize; i++) {
        if (i > start && Float.floatToIntBits(values[i]) == Float.floatToIntBits(values[i - 1])) {
          amounts.set(amounts.size() - 1, amounts.getLast() + 1);
        } else {
          kinds.add(values[i]);
          amounts.add(1);
        }
      }
      int draws = draws(urnSize);
      double ways = 1;
      for (int i = 1; i < kinds.size(); i++) {
        ways = ways * (draws + i) / i;
      }
      if (ways > MOST_OUTCOMES_OF_AN_URN) {
        return false;
      }
      enumerate(0, draws, draws, urnSize, 0, 0, logFactorial(draws));
      return true;
    }

    /** The multinomial distribution, from the kind at {@code at} on. */
    private void enumerate(
        int at, int left, int draws, int urnSize, double sum, int good, double logWeight) {
      if (at >= kinds.size() - 1) {
        double last = left == 0 || kinds.isEmpty() ? 0 : (double) kinds.get(at) * left;
        int lastGood = left > 0 && kinds.get(at) >= correctAt ? left : 0;
        double weight =
            left == 0 || kinds.isEmpty()
                ? logWeight
                : logWeight + left * log(at, urnSize) - logFactorial(left);
        found.add(number(new Outcome(sum + last, draws, good + lastGood)));
        weights.add(StrictMath.exp(weight));
        return;
      }
      for (int drawn = 0; drawn <= left; drawn++) {
        enumerate(
            at + 1,
            left - drawn,
            draws,
            urnSize,
            sum + (double) kinds.get(at) * drawn,
            good + (kinds.get(at) >= correctAt ? drawn : 0),
            logWeight + drawn * log(at, urnSize) - logFactorial(drawn));
      }
    }

    private double log(int kind, int urnSize) {
      return StrictMath.log((double) amounts.get(kind) / urnSize);
    }

    private static double logFactorial(int n) {
      double log = 0;
      for (int i = 2; i <= n; i++) {
        log += StrictMath.log(i);
      }
      return log;
    }

    private int number(Outcome outcome) {
      Integer known = numbers.putIfAbsent(outcome, outcomes.size());
      if (known != null) {
        return known;
      }
      outcomes.add(outcome);
      return outcomes.size() - 1;
    }

    /** Appends the alias table of the urn at hand; gives back how to find it. */
    int append() {
      int bits = 1;
      while (1 << bits < found.size()) {
        bits++;
      }
      int length = 1 << bits;
      double total = 0;
      for (double weight : weights) {
        total += weight;
      }
      double[] left = new double[length];
      int[] alias = new int[length];
      Deque<Integer> small = new ArrayDeque<>();
      Deque<Integer> large = new ArrayDeque<>();
      for (int i = 0; i < length; i++) {
        left[i] = i < found.size() ? weights.get(i) / total * length : 0;
        alias[i] = i;
        (left[i] < 1 ? small : large).add(i);
      }
      while (!small.isEmpty() && !large.isEmpty()) {
        int less = small.remove();
        int more = large.remove();
        alias[less] = more;
        left[more] -= 1 - left[less];
        (left[more] < 1 ? small : large).add(more);
      }
      int start = size;
      if (size + length > slots.length) {
        slots = Arrays.copyOf(slots, Math.max(2 * slots.length, size + length));
      }
      for (int i = 0; i < length; i++) {
        // What rounding has left without a partner keeps its slot to itself.
        int other = found.get(Math.min(alias[i], found.size() - 1));
        int own = i < found.size() ? found.get(i) : other;
        long threshold = Math.min(0xffffffffL, (long) (left[i] * 0x1p32));
        slots[size++] =
            (alias[i] == i ? 0xffffffffL : threshold) << 32
                | (long) own << 16
                | (alias[i] == i ? own : other);
      }
      return start << 6 | 64 - bits;
    }
  }
}
