package dev.lim.scoring;

import java.util.Arrays;

/**
 * Who is scored: for each row, in how many columns its cell is empty, {@code [block][row]}, and how
 * many a scored row may have. Counts are whole numbers, so that a column's can be taken back
 * exactly. Immutable; blocks that did not change are shared with what came before.
 */
final class Presence {

  private final Matrix matrix;
  private final int[][] absences;
  private final int[] eligible;
  private final int allowed;
  private final int count;

  private Presence(Matrix matrix, int[][] absences, int[] eligible, int allowed) {
    this.matrix = matrix;
    this.absences = absences;
    this.eligible = eligible;
    this.allowed = allowed;
    this.count = Arrays.stream(eligible).sum();
  }

  /** From counts that {@link #count} made for each block. */
  static Presence of(Matrix matrix, int minEpochs, int[][] absences) {
    int allowed = allowed(matrix, minEpochs);
    int[] eligible = Arrays.stream(absences).mapToInt(block -> eligible(block, allowed)).toArray();
    return new Presence(matrix, absences, eligible, allowed);
  }

  /** How many empty cells a scored row may have; below 0 where nobody can be scored. */
  static int allowed(Matrix matrix, int minEpochs) {
    if (matrix.epochs() == 0) {
      return -1;
    }
    return matrix.missing() == MissingRule.OBSERVED ? matrix.epochs() - Math.max(1, minEpochs) : 0;
  }

  /** Counts the empty cells of each row of a block. */
  static int[] count(Matrix matrix, Kernel kernel, Tile tile, int begin, int end) {
    int[] absences = new int[end - begin];
    tile.each(begin, end, 0, matrix.deciding(), () -> kernel.count(tile, absences, 0, 1));
    return absences;
  }

  /** Brings the counts to a later matrix of the same rule and at least as many rows. */
  Presence advance(Matrix later, Kernel kernel, int minEpochs) {
    boolean[] stale = later.stale(matrix, Math.max(later.deciding(), matrix.deciding()));
    int blocks = Blocks.count(later.rows());
    int[][] advanced = new int[blocks][];
    int[] counted = new int[blocks];
    int allows = allowed(later, minEpochs);
    Blocks.forEach(
        later,
        kernel,
        2,
        (tile, block, begin, end) -> {
          int[] known = block(block);
          advanced[block] = advance(known, stale, later, kernel, tile, begin, end);
          boolean same = advanced[block] == known && allows == allowed;
          counted[block] = same ? eligible[block] : eligible(advanced[block], allows);
        });
    return new Presence(later, advanced, counted, allows);
  }

  private int[] advance(
      int[] known, boolean[] stale, Matrix later, Kernel kernel, Tile tile, int begin, int end) {
    if (known.length == end - begin && later.sameAbsences(matrix, kernel, begin, end)) {
      return known;
    }
    int[] counts = Arrays.copyOf(known, end - begin);
    int border = begin + known.length;
    Tile old = new Tile(matrix, kernel);
    old.each(begin, border, stale, matrix.deciding(), () -> kernel.count(old, counts, 0, -1));
    tile.each(begin, border, stale, later.deciding(), () -> kernel.count(tile, counts, 0, 1));
    tile.each(border, end, 0, later.deciding(), () -> kernel.count(tile, counts, known.length, 1));
    return Arrays.equals(known, counts) ? known : counts;
  }

  /** Whether the same rows are scored. */
  boolean agrees(Presence other) {
    if (count != other.count) {
      return false;
    }
    for (int block = 0; block < Math.max(absences.length, other.absences.length); block++) {
      int[] here = block(block);
      int[] there = other.block(block);
      if ((here != there || allowed != other.allowed)
          && !agree(here, allowed, there, other.allowed)) {
        return false;
      }
    }
    return true;
  }

  private int[] block(int block) {
    return block < absences.length ? absences[block] : new int[0];
  }

  private static boolean agree(int[] here, int allowedHere, int[] there, int allowedThere) {
    int common = Math.min(here.length, there.length);
    int different = 0;
    for (int i = 0; i < common; i++) {
      different += (here[i] <= allowedHere) == (there[i] <= allowedThere) ? 0 : 1;
    }
    for (int i = common; i < here.length; i++) {
      different += here[i] <= allowedHere ? 1 : 0;
    }
    for (int i = common; i < there.length; i++) {
      different += there[i] <= allowedThere ? 1 : 0;
    }
    return different == 0;
  }

  private static int eligible(int[] absences, int allowed) {
    int count = 0;
    for (int absent : absences) {
      count += absent <= allowed ? 1 : 0;
    }
    return count;
  }

  int[] absences(int block) {
    return absences[block];
  }

  int allowed() {
    return allowed;
  }

  /** How many rows are scored. */
  int count() {
    return count;
  }
}
