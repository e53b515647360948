package dev.lim.selection;

import dev.lim.reward.EpochColumn.RowValues;
import dev.lim.scoring.RowBlocks;
import java.util.List;

/** Sums over epochs, by row. */
final class RowSums {

  private RowSums() {}

  /**
   * Adds values to sums, in the order of the list.
   *
   * @param sums by function and row; modified
   * @param values each of as many functions
   */
  static void add(double[][] sums, List<RowValues> values) {
    RowBlocks.forEach(
        sums[0].length,
        (begin, end) -> {
          int[] places = new int[end - begin];
          for (RowValues each : values) {
            each.places(begin, end, places);
            double[][] tables = each.tables(begin, end);
            for (int t = 0; t < sums.length; t++) {
              add(sums[t], begin, tables[t], places);
            }
          }
        });
  }

  private static void add(double[] sums, int begin, double[] table, int[] places) {
    for (int i = 0; i < places.length; i++) {
      sums[begin + i] += table[places[i]];
    }
  }
}
