package dev.lim.scoring;

/**
 * The sums of all rows over the columns before one, by block, kept so that a change from that
 * column on costs no more than the columns from there. 8 bytes a row, under {@link
 * MissingRule#OBSERVED} 16. Immutable; blocks that did not change are shared with what came before.
 */
final class Prefix {

  private final int column;
  private final Sums[] blocks;

  private Prefix(int column, Sums[] blocks) {
    this.column = column;
    this.blocks = blocks;
  }

  /** Of no columns. */
  static Prefix none() {
    return new Prefix(0, new Sums[0]);
  }

  /** The first column that is not in the sums. */
  int column() {
    return column;
  }

  /**
   * Scores all rows, from these sums on.
   *
   * @param keep the column whose prefix is given back; not before this one's
   * @param scores where the scores go
   */
  Prefix score(
      Matrix matrix,
      Kernel kernel,
      Presence presence,
      AverageCurve curve,
      int keep,
      double[] scores) {
    Sums[] kept = new Sums[Blocks.count(matrix.rows())];
    Blocks.forEach(
        matrix,
        kernel,
        matrix.epochs() - column,
        (tile, block, begin, end) -> {
          kept[block] = advance(block, keep, matrix, kernel, curve, tile, begin, end);
          kept[block].score(tile, kernel, curve, presence, begin, keep, scores);
        });
    return new Prefix(keep, kept);
  }

  private Sums advance(
      int block,
      int keep,
      Matrix matrix,
      Kernel kernel,
      AverageCurve curve,
      Tile tile,
      int begin,
      int end) {
    boolean observed = matrix.missing() == MissingRule.OBSERVED;
    Sums known = block < blocks.length ? blocks[block] : Sums.none(observed);
    if (keep == column && known.length() == end - begin) {
      return known;
    }
    Sums sums = known.grown(end - begin);
    int border = begin + known.length();
    tile.each(border, end, 0, column, () -> sums.add(tile, kernel, curve, known.length()));
    tile.each(begin, end, column, keep, () -> sums.add(tile, kernel, curve, 0));
    return sums;
  }
}
