package dev.lim.reward;

import dev.lim.run.RewardKind;
import dev.lim.scoring.Column;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fold of one epoch's batches in force, by row of its matrix; immutable. Rows beyond {@link
 * #length} were not observed.
 *
 * <p>A cell is what a sample's rollouts of the epoch fold to: their sum in double, how many they
 * are, and how many solved it. Most epochs have few distinct cells (0/1 rewards in groups of 8 have
 * nine), so a row holds the number of its cell, in 1 byte while there are at most 256, in 2 up to
 * 65,536; beyond that each row has a cell of its own, 16 bytes. The float32 column that kernels
 * read takes 4 bytes and a bit a row more, for each kind of reward that is asked for.
 */
public final class EpochColumn {

  private final Cells cells;
  private final int length;
  private final int batches;
  private final boolean whole;
  private final int samples;
  private final long totalRollouts;
  private final long aboveMax;
  private @Nullable Column mean;
  private @Nullable Column accuracy;

  private EpochColumn(Fold fold) {
    this.cells = fold.cells;
    this.length = fold.cells.length;
    this.batches = fold.batches;
    this.whole = fold.whole;
    this.samples = fold.samples;
    this.totalRollouts = fold.totalRollouts;
    this.aboveMax = fold.aboveMax;
  }

  private EpochColumn(EpochColumn like, Cells cells, long totalRollouts) {
    this.cells = cells;
    this.length = cells.length;
    this.batches = like.batches;
    this.whole = like.whole;
    this.samples = like.samples;
    this.totalRollouts = totalRollouts;
    this.aboveMax = like.aboveMax;
  }

  /**
   * A column with other cells for the same samples; the arrays are kept.
   *
   * @param narrow by row, the number of its cell; or else {@code wide}; or else the row itself.
   *     Cell 0 of numbered ones is that of a row that was not observed
   */
  EpochColumn with(
      byte @Nullable [] narrow,
      char @Nullable [] wide,
      double[] sum,
      int[] rollouts,
      int[] solved,
      long rolloutsInAll) {
    return new EpochColumn(
        this, new Cells(length, narrow, wide, sum, rollouts, solved), rolloutsInAll);
  }

  /** Rows that this column has; any beyond were not observed. */
  public int length() {
    return length;
  }

  public boolean observed(int row) {
    return rollouts(row) > 0;
  }

  /** Rollouts in force of a row. */
  public int rollouts(int row) {
    return row < length ? cells.rollouts[cells.at(row)] : 0;
  }

  /** Rollouts of a row with a reward of {@code correctAt} or more. */
  public int solved(int row) {
    return row < length ? cells.solved[cells.at(row)] : 0;
  }

  /** r_i^k in double, of a row that was observed. */
  public double reward(int row, RewardKind kind) {
    return cells.reward(cells.at(row), kind);
  }

  /**
   * r_i^k as float32 by row, NaN where not observed. Always the same instance for the same column.
   */
  public synchronized Column rewards(RewardKind kind) {
    Column known = kind == RewardKind.MEAN ? mean : accuracy;
    if (known != null) {
      return known;
    }
    Column made = Column.of(cells.rewards(kind, length));
    if (kind == RewardKind.MEAN) {
      mean = made;
    } else {
      accuracy = made;
    }
    return made;
  }

  /**
   * A number that depends on a cell alone; without rollouts, it is that of who was not observed.
   */
  public interface CellValue {
    double of(int rollouts, int solved);
  }

  /** Values of rows by their cells, one for each of these functions. */
  public RowValues values(CellValue... values) {
    return new RowValues(cells, values);
  }

  /**
   * Values of rows, by table and place: made once a distinct cell, where rows share cells.
   * Immutable and thread-safe.
   */
  public static final class RowValues {

    private final Cells cells;
    private final CellValue[] values;
    private final double[][] byCell;

    private RowValues(Cells cells, CellValue[] values) {
      this.cells = cells;
      this.values = values;
      this.byCell = new double[values.length][cells.numbered() ? cells.count : 0];
      for (int t = 0; t < values.length; t++) {
        for (int cell = 0; cell < byCell[t].length; cell++) {
          byCell[t][cell] = values[t].of(cells.rollouts[cell], cells.solved[cell]);
        }
      }
    }

    /** By function, the values at their places, for a block of rows. Do not modify. */
    public double[][] tables(int begin, int end) {
      if (cells.numbered()) {
        return byCell;
      }
      double[][] tables = new double[values.length][end - begin];
      int known = Math.clamp(cells.length - begin, 0, end - begin);
      for (int t = 0; t < values.length; t++) {
        for (int i = 0; i < known; i++) {
          tables[t][i] = values[t].of(cells.rollouts[begin + i], cells.solved[begin + i]);
        }
        Arrays.fill(tables[t], known, end - begin, values[t].of(0, 0));
      }
      return tables;
    }

    /** The places in these tables of the rows of the block, the first one's first. */
    public void places(int begin, int end, int[] to) {
      int known = Math.clamp(cells.length - begin, 0, end - begin);
      byte[] narrow = cells.narrow;
      char[] wide = cells.wide;
      if (narrow != null) {
        for (int i = 0; i < known; i++) {
          to[i] = narrow[begin + i] & 0xff;
        }
      } else if (wide != null) {
        for (int i = 0; i < known; i++) {
          to[i] = wide[begin + i];
        }
      } else {
        for (int i = 0; i < end - begin; i++) {
          to[i] = i;
        }
        return;
      }
      Arrays.fill(to, known, end - begin, 0);
    }
  }

  /** How many batches are in force; never 0. */
  public int batches() {
    return batches;
  }

  /** Whether the epoch was sent whole. */
  public boolean whole() {
    return whole;
  }

  /** How many samples were observed. */
  public int samples() {
    return samples;
  }

  public long totalRollouts() {
    return totalRollouts;
  }

  /** Rollouts with a reward above the highest possible. */
  long aboveMax() {
    return aboveMax;
  }

  /** What it occupies, with one float32 column. */
  long bytes() {
    return cells.bytes() + 4L * length + length / 8 + 200;
  }

  private synchronized @Nullable Column made(RewardKind kind) {
    return kind == RewardKind.MEAN ? mean : accuracy;
  }

  /**
   * Cells by number, and the number of each row's cell: in {@code narrow}, in {@code wide}, or the
   * row itself. Cell 0 of the numbered ones is that of a row that was not observed.
   */
  private static final class Cells {

    private static final int MOST_NARROW = 1 << 8;
    private static final int MOST_WIDE = 1 << 16;

    private int length;
    private byte @Nullable [] narrow = new byte[0];
    private char @Nullable [] wide;
    private int count = 1;
    private double[] sum = new double[16];
    private int[] rollouts = new int[16];
    private int[] solved = new int[16];

    Cells() {}

    Cells(
        int length,
        byte @Nullable [] narrow,
        char @Nullable [] wide,
        double[] sum,
        int[] rollouts,
        int[] solved) {
      this.length = length;
      this.narrow = narrow;
      this.wide = wide;
      this.count = sum.length;
      this.sum = sum;
      this.rollouts = rollouts;
      this.solved = solved;
    }

    Cells(Cells from) {
      length = from.length;
      narrow = from.narrow == null ? null : from.narrow.clone();
      wide = from.wide == null ? null : from.wide.clone();
      count = from.count;
      sum = from.sum.clone();
      rollouts = from.rollouts.clone();
      solved = from.solved.clone();
    }

    int at(int row) {
      if (narrow != null) {
        return narrow[row] & 0xff;
      }
      return wide != null ? wide[row] : row;
    }

    void number(int row, int cell) {
      if (narrow != null) {
        narrow[row] = (byte) cell;
      } else if (wide != null) {
        wide[row] = (char) cell;
      }
    }

    double reward(int cell, RewardKind kind) {
      return (kind == RewardKind.MEAN ? sum[cell] : solved[cell]) / rollouts[cell];
    }

    float[] rewards(RewardKind kind, int rows) {
      float[] made = new float[rows];
      if (narrow == null && wide == null) {
        for (int row = 0; row < rows; row++) {
          made[row] = (float) reward(row, kind);
        }
        return made;
      }
      // 0 / 0 is NaN: not observed.
      float[] byCell = new float[count];
      for (int cell = 0; cell < count; cell++) {
        byCell[cell] =
            (float)
                ((kind == RewardKind.MEAN ? sum[cell] : solved[cell]) / (double) rollouts[cell]);
      }
      for (int row = 0; row < rows; row++) {
        made[row] = byCell[at(row)];
      }
      return made;
    }

    /** Makes room for so many rows, and for more to come where there were some. */
    void grow(int rows) {
      if (rows > room()) {
        resizeRows(length == 0 ? rows : Math.max(rows, room() + (room() >> 1)));
      }
      length = rows;
    }

    /** Gives back what was made for more to come. */
    void trim() {
      if (length < room()) {
        resizeRows(length);
      }
      if (numbered() && count < sum.length) {
        resize(count);
      }
    }

    boolean numbered() {
      return narrow != null || wide != null;
    }

    private int room() {
      return narrow != null ? narrow.length : wide != null ? wide.length : sum.length;
    }

    private void resizeRows(int rows) {
      if (narrow != null) {
        narrow = Arrays.copyOf(narrow, rows);
      } else if (wide != null) {
        wide = Arrays.copyOf(wide, rows);
      } else {
        resize(rows);
      }
    }

    private void resize(int size) {
      sum = Arrays.copyOf(sum, size);
      rollouts = Arrays.copyOf(rollouts, size);
      solved = Arrays.copyOf(solved, size);
    }

    long bytes() {
      return (narrow == null ? 0 : narrow.length)
          + (wide == null ? 0 : 2L * wide.length)
          + 16L * sum.length;
    }
  }

  /** A column being folded; not thread-safe. */
  static final class Fold {

    /**
     * So many contents that, if nearly every sample had one of its own until here, there will be
     * more than {@link Cells#MOST_WIDE}.
     */
    private static final int TELLING = 1 << 13;

    /** 4 bytes for each way in which a sample's rewards can be dealt. */
    private static final int WIDEST_PATTERN = 12;

    private final float correctAt;
    private final float rewardMax;
    private final @Nullable EpochColumn from;
    private final Cells cells;

    /** Leads from a cell's content to its number; open addressing, at most half full; 0 is free. */
    private int[] numbers = new int[64];

    /** By the bits of a sample's rewards, the number of the cell that they make alone, if known. */
    private int[] patterns = {};

    private int patternRollouts;
    private float[] patternDictionary = {};
    private boolean patternsAboveMax;
    private final IntArrayList touched = new IntArrayList();
    private int batches;
    private boolean whole;
    private int samples;
    private long totalRollouts;
    private long aboveMax;

    Fold(float correctAt, float rewardMax, @Nullable EpochColumn from) {
      this.correctAt = correctAt;
      this.rewardMax = rewardMax;
      this.from = from;
      if (from == null) {
        cells = new Cells();
      } else {
        cells = new Cells(from.cells);
        batches = from.batches;
        whole = from.whole;
        samples = from.samples;
        totalRollouts = from.totalRollouts;
        aboveMax = from.aboveMax;
        if (cells.numbered()) {
          renumber();
        }
      }
    }

    /** Adds a batch; {@code rows[i]} is the row of its i-th sample, all below {@code length}. */
    void add(PackedRewards batch, int[] rows, int length, boolean isWhole) {
      if (length > cells.length) {
        cells.grow(length);
      }
      int width = batch.patternBits();
      int next =
          0 <= width && width <= WIDEST_PATTERN && cells.numbered()
              ? addPatterns(batch, width, rows)
              : 0;
      int v = next == 0 ? 0 : next * batch.rollouts(0);
      for (int i = next; i < batch.samples(); i++) {
        int end = v + batch.rollouts(i);
        addSample(batch, rows[i], v, end);
        v = end;
      }
      if (from != null) {
        touched.addElements(touched.size(), rows, 0, batch.samples());
      }
      totalRollouts += batch.rewards();
      batches++;
      whole |= isWhole;
    }

    private void addSample(PackedRewards batch, int row, int from, int end) {
      int begin = batch.decode(from, end);
      float[] values = batch.decoded();
      int cell = cells.at(row);
      double sum = cells.sum[cell];
      int solved = cells.solved[cell];
      int rollouts = cells.rollouts[cell];
      samples += rollouts == 0 ? 1 : 0;
      for (int v = begin; v < begin + end - from; v++) {
        float value = values[v];
        sum += value;
        solved += value >= correctAt ? 1 : 0;
        aboveMax += value > rewardMax ? 1 : 0;
      }
      put(row, sum, rollouts + end - from, solved);
    }

    /**
     * Adds samples of which all have the same number of rewards: there are few ways in which these
     * can be dealt, and each leads to the same cell whenever it is a row's first.
     *
     * @return how many were added; not all where cells are no longer numbered
     */
    private int addPatterns(PackedRewards batch, int width, int[] rows) {
      int each = batch.rollouts(0);
      if (patterns.length != 1 << width
          || each != patternRollouts
          || !Arrays.equals(batch.dictionary(), patternDictionary)) {
        patterns = new int[1 << width];
        patternRollouts = each;
        patternDictionary = batch.dictionary();
        patternsAboveMax = aboveMax(patternDictionary);
      }
      int i = 0;
      for (; i < batch.samples() && cells.numbered(); i++) {
        int row = rows[i];
        int pattern = batch.pattern(i, width);
        if (patterns[pattern] > 0 && cells.at(row) == 0) {
          cells.number(row, patterns[pattern]);
          samples++;
        } else {
          boolean isFirst = cells.at(row) == 0;
          addSample(batch, row, i * each, (i + 1) * each);
          if (isFirst && !patternsAboveMax && cells.numbered()) {
            patterns[pattern] = cells.at(row);
          }
        }
      }
      return i;
    }

    /** Such rewards are counted one by one. */
    private boolean aboveMax(float[] values) {
      boolean above = false;
      for (float value : values) {
        above |= value > rewardMax;
      }
      return above;
    }

    long bytes() {
      return cells.bytes()
          + 4L * (cells.length + numbers.length + patterns.length + touched.size());
    }

    private void put(int row, double sum, int rollouts, int solved) {
      if (cells.numbered()) {
        int number = number(sum, rollouts, solved);
        if (cells.numbered()) {
          cells.number(row, number);
          return;
        }
      }
      cells.sum[row] = sum;
      cells.rollouts[row] = rollouts;
      cells.solved[row] = solved;
    }

    /**
     * The number of the cell with this content; makes one, which may change the form that numbers
     * have.
     */
    private int number(double sum, int rollouts, int solved) {
      int mask = numbers.length - 1;
      long bits = Double.doubleToRawLongBits(sum);
      int i = hash(bits, rollouts, solved) & mask;
      for (; numbers[i] != 0; i = i + 1 & mask) {
        int number = numbers[i];
        if (Double.doubleToRawLongBits(cells.sum[number]) == bits
            && cells.rollouts[number] == rollouts
            && cells.solved[number] == solved) {
          return number;
        }
      }
      if (cells.narrow != null && cells.count == Cells.MOST_NARROW) {
        widen();
      }
      if (cells.wide != null
          && (cells.count == Cells.MOST_WIDE
              || cells.count == TELLING && 16L * TELLING >= 15L * samples)) {
        spread();
        return -1;
      }
      int number = cells.count++;
      if (number == cells.sum.length) {
        cells.resize(number * 2);
      }
      cells.sum[number] = sum;
      cells.rollouts[number] = rollouts;
      cells.solved[number] = solved;
      numbers[i] = number;
      if (2 * cells.count > numbers.length) {
        renumber();
      }
      return number;
    }

    private void renumber() {
      numbers = new int[Integer.highestOneBit(Math.max(16, cells.count)) << 2];
      int mask = numbers.length - 1;
      for (int number = 1; number < cells.count; number++) {
        long bits = Double.doubleToRawLongBits(cells.sum[number]);
        int i = hash(bits, cells.rollouts[number], cells.solved[number]) & mask;
        while (numbers[i] != 0) {
          i = i + 1 & mask;
        }
        numbers[i] = number;
      }
    }

    private void widen() {
      char[] wide = new char[cells.room()];
      for (int row = 0; row < cells.length; row++) {
        wide[row] = (char) cells.at(row);
      }
      cells.wide = wide;
      cells.narrow = null;
    }

    /** Gives each row a cell of its own. */
    private void spread() {
      double[] sum = new double[cells.room()];
      int[] rollouts = new int[cells.room()];
      int[] solved = new int[cells.room()];
      for (int row = 0; row < cells.length; row++) {
        int cell = cells.at(row);
        sum[row] = cells.sum[cell];
        rollouts[row] = cells.rollouts[cell];
        solved[row] = cells.solved[cell];
      }
      cells.wide = null;
      cells.sum = sum;
      cells.rollouts = rollouts;
      cells.solved = solved;
      numbers = new int[0];
    }

    private static int hash(long sum, int rollouts, int solved) {
      long mixed = (sum * 31 + rollouts) * 31 + solved;
      mixed *= 0x9e3779b97f4a7c15L;
      return (int) (mixed >>> 32 ^ mixed >>> 50);
    }

    /** The column; null where no batch is in force. Ends the fold. */
    @Nullable EpochColumn column() {
      if (batches == 0) {
        return null;
      }
      cells.trim();
      EpochColumn column = new EpochColumn(this);
      if (from != null) {
        column.mean = followed(from.made(RewardKind.MEAN), RewardKind.MEAN);
        column.accuracy = followed(from.made(RewardKind.ACCURACY), RewardKind.ACCURACY);
      }
      return column;
    }

    /** The float32 column of the one before, with what was touched since. */
    private @Nullable Column followed(@Nullable Column before, RewardKind kind) {
      if (before == null || 4L * touched.size() > before.values().length) {
        return null;
      }
      float[] made = Arrays.copyOf(before.values(), cells.length);
      Arrays.fill(made, before.values().length, made.length, Float.NaN);
      for (int i = 0; i < touched.size(); i++) {
        int row = touched.getInt(i);
        made[row] = (float) cells.reward(cells.at(row), kind);
      }
      return Column.of(made);
    }
  }
}
