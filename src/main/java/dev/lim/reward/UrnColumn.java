package dev.lim.reward;

import dev.lim.scoring.DrawTable;
import dev.lim.scoring.Streams;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rollout rewards of one epoch as urns to draw from, one a cell; cells with the same rewards
 * share an urn while there are few. Immutable.
 */
final class UrnColumn {

  private final EpochColumn observed;
  private final float correctAt;

  /** By row the number of its urn; null: each row has its own. */
  private final char @Nullable [] urns;

  /** Urn u holds {@code values[starts[u]]} to before {@code values[starts[u + 1]]}, ascending. */
  private final int[] starts;

  private final float[] values;
  private final @Nullable DrawTable table;
  private final long single;

  private UrnColumn(
      EpochColumn observed, float correctAt, char @Nullable [] urns, int[] starts, float[] values) {
    this.observed = observed;
    this.correctAt = correctAt;
    this.urns = urns;
    this.starts = starts;
    this.values = values;
    this.table = urns == null ? null : DrawTable.of(starts, values, correctAt);
    long alone = 0;
    for (int row = 0; row < observed.length(); row++) {
      alone += observed.rollouts(row) == 1 ? 1 : 0;
    }
    this.single = alone;
  }

  /** Cells of one rollout, in which luck leaves no trace. */
  long single() {
    return single;
  }

  long bytes() {
    return (urns == null ? 0 : 2L * urns.length)
        + 4L * starts.length
        + 4L * values.length
        + (table == null ? 0 : table.bytes());
  }

  /**
   * The column with every cell's rewards drawn anew from its own.
   *
   * @param streams by row
   */
  EpochColumn draw(long[] streams, int epoch) {
    long rollouts = observed.totalRollouts() - (observed.samples() - single);
    if (table == null || urns == null) {
      return drawOneByOne(streams, epoch, rollouts);
    }
    if (table.outcomes() <= 1 << Byte.SIZE) {
      byte[] narrow = new byte[urns.length];
      table.draw(urns, streams, epoch, narrow);
      return observed.with(narrow, null, table.sum(), table.count(), table.solved(), rollouts);
    }
    char[] wide = new char[urns.length];
    table.draw(urns, streams, epoch, wide);
    return observed.with(null, wide, table.sum(), table.count(), table.solved(), rollouts);
  }

  private EpochColumn drawOneByOne(long[] streams, int epoch, long rollouts) {
    int rows = observed.length();
    double[] sum = new double[rows];
    int[] count = new int[rows];
    int[] solved = new int[rows];
    for (int row = 0; row < rows; row++) {
      int urn = urns == null ? row : urns[row];
      int start = starts[urn];
      int size = starts[urn + 1] - start;
      long stream = Streams.mix(streams[row] + epoch * Streams.STEP);
      int draws = DrawTable.draws(size);
      double total = 0;
      int good = 0;
      for (int draw = 1; draw <= draws; draw++) {
        // 31 bits stretched over the urn.
        long random = Streams.mix(stream + draw * Streams.STEP) >>> 33;
        float value = values[start + (int) (random * size >>> 31)];
        total += value;
        good += value >= correctAt ? 1 : 0;
      }
      sum[row] = total;
      count[row] = draws;
      solved[row] = good;
    }
    return observed.with(null, null, sum, count, solved, rollouts);
  }

  /**
   * Gathers an epoch's rewards; not thread-safe. While there are at most {@value #KINDS} different
   * rewards, a cell is how many it has of each, 8 bits a kind, so that a batch is added by adding.
   */
  static final class Gathering {

    private static final int KINDS = 7;
    private static final int MOST_URNS = 1 << 16;

    private final EpochColumn observed;
    private final float correctAt;
    private final float[] kinds = new float[KINDS];
    private int known;
    private long @Nullable [] amounts;
    private int[] starts = new int[0];
    private int[] filled = new int[0];
    private float[] values = new float[0];
    private long taken;

    Gathering(EpochColumn observed, float correctAt) {
      this.observed = observed;
      this.correctAt = correctAt;
      boolean small = true;
      for (int row = 0; row < observed.length(); row++) {
        small &= observed.rollouts(row) <= 255;
      }
      if (small) {
        amounts = new long[observed.length()];
      } else {
        spread();
      }
    }

    /** Adds a batch; {@code rows[i]} is the row of its i-th sample. */
    void add(Rewards rewards, int[] rows) {
      float[] added = rewards.values();
      for (int i = 0, from = 0; i < rows.length; i++) {
        int to = from + rewards.rollouts()[i];
        long[] counted = amounts;
        long sum = counted == null ? -1 : count(added, from, to);
        if (counted != null && sum >= 0) {
          counted[rows[i]] += sum;
        } else {
          if (counted != null) {
            spread();
          }
          System.arraycopy(added, from, values, filled[rows[i]], to - from);
          filled[rows[i]] += to - from;
        }
        from = to;
      }
      taken += added.length;
    }

    /** Whether all rewards of the epoch were added. */
    boolean isWhole() {
      return taken == observed.totalRollouts();
    }

    /** How many there are of each kind, in 8 bits each; -1 where there is one kind too many. */
    private long count(float[] added, int from, int to) {
      long sum = 0;
      for (int v = from; v < to; v++) {
        int bits = Float.floatToRawIntBits(added[v]);
        int kind = 0;
        while (kind < known && Float.floatToRawIntBits(kinds[kind]) != bits) {
          kind++;
        }
        if (kind == known) {
          if (known == KINDS) {
            return -1;
          }
          kinds[known++] = added[v];
        }
        sum += 1L << kind * Byte.SIZE;
      }
      return sum;
    }

    /** Gives each row an urn of its own. */
    private void spread() {
      int rows = observed.length();
      starts = new int[rows + 1];
      for (int row = 0; row < rows; row++) {
        starts[row + 1] = Math.addExact(starts[row], observed.rollouts(row));
      }
      filled = Arrays.copyOf(starts, rows);
      values = new float[starts[rows]];
      long[] counted = amounts;
      for (int row = 0; counted != null && row < rows; row++) {
        filled[row] = fill(counted[row], values, filled[row]);
      }
      amounts = null;
    }

    private int fill(long amount, float[] to, int at) {
      int end = at;
      for (int kind = 0; kind < known; kind++) {
        int start = end;
        end += (int) (amount >>> kind * Byte.SIZE) & 0xff;
        Arrays.fill(to, start, end, kinds[kind]);
      }
      return end;
    }

    /** Ends the gathering. */
    UrnColumn column() {
      long[] counted = amounts;
      if (counted != null) {
        UrnColumn column = shared(counted);
        if (column != null) {
          return column;
        }
        spread();
      }
      for (int row = 0; row + 1 < starts.length; row++) {
        // The order of arrival must not show in what is drawn.
        Arrays.sort(values, starts[row], starts[row + 1]);
      }
      return new UrnColumn(observed, correctAt, null, starts, values);
    }

    private @Nullable UrnColumn shared(long[] counted) {
      Long2IntOpenHashMap numbers = new Long2IntOpenHashMap();
      numbers.defaultReturnValue(-1);
      char[] urns = new char[counted.length];
      int[] ends = new int[17];
      float[] contents = new float[64];
      for (int row = 0; row < counted.length; row++) {
        int number = numbers.get(counted[row]);
        if (number < 0) {
          number = numbers.size();
          if (number == MOST_URNS) {
            return null;
          }
          numbers.put(counted[row], number);
          if (number + 1 == ends.length) {
            ends = Arrays.copyOf(ends, 2 * ends.length);
          }
          int start = ends[number];
          if (start + observed.rollouts(row) > contents.length) {
            contents = Arrays.copyOf(contents, 2 * contents.length + observed.rollouts(row));
          }
          ends[number + 1] = fill(counted[row], contents, start);
          Arrays.sort(contents, start, ends[number + 1]);
        }
        urns[row] = (char) number;
      }
      int count = numbers.size();
      return new UrnColumn(
          observed,
          correctAt,
          urns,
          Arrays.copyOf(ends, count + 1),
          Arrays.copyOf(contents, ends[count]));
    }
  }
}
