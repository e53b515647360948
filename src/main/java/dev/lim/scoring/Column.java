package dev.lim.scoring;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rewards of one epoch, {@code [row]}, float32, NaN where absent; and what is worth knowing of
 * them whoever is scored: which rows are present, and their sum. That is found out once, when a
 * column is first scored, and is there for every other setting and revision with the same column.
 *
 * <p>Immutable and thread-safe, as long as nobody writes to the array. A row takes 4 bytes, and a
 * bit for being present.
 */
public final class Column {

  private final float[] values;
  private volatile @Nullable Summary summary;

  private Column(float[] values) {
    this.values = values;
  }

  /** A column of these values, which are not copied. */
  public static Column of(float[] values) {
    return new Column(values);
  }

  /** The value of each row, NaN where absent. Not a copy: not to be modified. */
  public float[] values() {
    return values;
  }

  int length() {
    return values.length;
  }

  /** The rows that are present. Known once a {@link Matrix} was made of the column. */
  RowSet present() {
    return summary().present;
  }

  /** The sum of all values. Known once a {@link Matrix} was made of the column. */
  Total total() {
    return summary().total;
  }

  private Summary summary() {
    return Objects.requireNonNull(summary);
  }

  private record Summary(RowSet present, Total total) {}

  /** Finds out what is not known yet of these columns. Two threads share each column's rows. */
  static void summarize(List<Column> columns, Kernel kernel) {
    Column[] unknown =
        columns.stream().filter(column -> column.summary == null).toArray(Column[]::new);
    long[][] present =
        Arrays.stream(unknown)
            .map(column -> new long[RowSet.words(column.length())])
            .toArray(long[][]::new);
    Total[] totals = new Total[2 * unknown.length];
    Arrays.fill(totals, Total.NONE);
    long cells = Arrays.stream(unknown).mapToLong(Column::length).sum();
    Blocks.halves(
        2,
        cells,
        (from, to) -> {
          for (int half = from; half < to; half++) {
            for (int i = 0; i < unknown.length; i++) {
              float[] values = unknown[i].values;
              int middle = values.length / 2 & -Long.SIZE;
              int begin = half == 0 ? 0 : middle;
              int end = half == 0 ? middle : values.length;
              totals[2 * i + half] = kernel.summarize(values, begin, end, present[i]);
            }
          }
        });
    for (int i = 0; i < unknown.length; i++) {
      unknown[i].summary =
          new Summary(new RowSet(present[i]), totals[2 * i].plus(totals[2 * i + 1]));
    }
  }
}
