package dev.lim.reward;

import dev.lim.reward.RewardMatrices.Key;
import dev.lim.reward.RewardMatrix.RowIndex;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Folds a run's log into its matrix, and later its tail into the next one. The log is read by the
 * caller's thread and, where it is long, folded by another one beside it, a page behind, in the
 * order of revisions. Not thread-safe.
 */
final class MatrixFold {

  /** What is less is folded before another thread had woken. */
  private static final long WORTH_A_THREAD = 1 << 18;

  private final ExecutorService folders;
  private final Key key;
  private final RowIndex index = new RowIndex();

  /** The rows with a rollout in force, as of the last matrix. */
  private final BitSet population = new BitSet();

  /** Whether more rows than those of the last matrix may be in {@link #population}. */
  private boolean ahead;

  private final PackedRewards batch = new PackedRewards();
  private int[] rows = new int[1 << 10];

  MatrixFold(ExecutorService folders, Key key) {
    this.folders = folders;
    this.key = key;
  }

  /** A run's log, by pages: the next rows after a revision, empty where there are no more. */
  interface Log {

    /** The epochs that lost a batch after one revision and up to another, which the first had. */
    Set<Integer> epochsThatLost(long after, long through);

    List<RewardLog.Row> tail(long after, long through);

    /** Rows of an epoch, of those that were in force at a revision. */
    List<RewardLog.Row> epoch(int epoch, long after, long at);
  }

  /** What pages of the log are read from, one after another. */
  private interface Pages {
    List<RewardLog.Row> after(long revision);
  }

  private interface Folding {
    void add(List<RewardLog.Row> page);
  }

  /**
   * The matrix at a later state. After a failure it can be asked for again: rows that were numbered
   * meanwhile have the numbers that they will have.
   *
   * @param log as it stands at that state
   * @param before the last matrix; null: there is none
   * @param through the state's revision
   */
  RewardMatrix advance(
      Log log, @Nullable RewardMatrix before, long through, MatrixRoom.Share share) {
    long from = before == null ? 0 : before.revision();
    TreeMap<Integer, EpochColumn> columns =
        before == null ? new TreeMap<>() : new TreeMap<>(before.columns());
    Map<Integer, EpochColumn.Fold> folds = new HashMap<>();
    Set<Integer> lost = log.epochsThatLost(from, through);
    boolean countAnew = ahead || !lost.isEmpty();
    ahead = true;
    forEachPage(
        from,
        through,
        revision -> log.tail(revision, through),
        page -> {
          for (RewardLog.Row row : page) {
            number(row);
            if (isInForce(row, through) && !lost.contains(row.epoch())) {
              for (int i = 0; i < batch.samples(); i++) {
                population.set(rows[i]);
              }
              folds
                  .computeIfAbsent(
                      row.epoch(),
                      epoch ->
                          new EpochColumn.Fold(
                              key.correctAt(), key.rewardMax(), columns.get(epoch)))
                  .add(batch, rows, index.rows(), isWhole(row));
            }
          }
          hold(share, columns, folds);
        });
    for (int epoch : lost) {
      EpochColumn.Fold again = new EpochColumn.Fold(key.correctAt(), key.rewardMax(), null);
      folds.put(epoch, again);
      forEachPage(
          0,
          through,
          revision -> log.epoch(epoch, revision, through),
          page -> {
            for (RewardLog.Row row : page) {
              number(row);
              again.add(batch, rows, index.rows(), isWhole(row));
            }
            hold(share, columns, folds);
          });
    }
    folds.forEach((epoch, fold) -> {
      EpochColumn column = fold.column();
      if (column == null) {
        columns.remove(epoch);
      } else {
        columns.put(epoch, column);
      }
    });
    int count = population(columns, countAnew);
    ahead = false;
    return new RewardMatrix(through, index.rows(), index.ordinals(), index, columns, count);
  }

  private void forEachPage(long after, long through, Pages pages, Folding folding) {
    Future<?> behind = null;
    try {
      List<RewardLog.Row> page = pages.after(after);
      while (!page.isEmpty()) {
        if (behind != null) {
          await(behind);
        }
        long last = page.getLast().revision();
        List<RewardLog.Row> read = page;
        if (bytes(read) < WORTH_A_THREAD) {
          behind = null;
          folding.add(read);
        } else {
          behind = folders.submit(() -> folding.add(read));
        }
        page = last == through ? List.of() : pages.after(last);
      }
    } finally {
      // Even after a failure nothing may go on folding.
      if (behind != null) {
        await(behind);
      }
    }
  }

  private static void await(Future<?> folding) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          folding.get();
          return;
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static long bytes(List<RewardLog.Row> page) {
    long bytes = 0;
    for (RewardLog.Row row : page) {
      bytes += row.packed().length;
    }
    return bytes;
  }

  /** Turns to a row of the log, and finds the rows of its samples. */
  private void number(RewardLog.Row row) {
    rows = batch.of(row.packed()).ordinals(rows);
    for (int i = 0; i < batch.samples(); i++) {
      rows[i] = index.rowOrNext(rows[i]);
    }
  }

  private static boolean isInForce(RewardLog.Row row, long at) {
    return row.endedAt() == null || row.endedAt() > at;
  }

  private static boolean isWhole(RewardLog.Row row) {
    return row.batch().equals(RewardLog.WHOLE);
  }

  /** Folds that begin from a column leave that one standing, for those who read it. */
  private void hold(
      MatrixRoom.Share share,
      TreeMap<Integer, EpochColumn> columns,
      Map<Integer, EpochColumn.Fold> folds) {
    long folding = index.bytes() + folds.values().stream().mapToLong(EpochColumn.Fold::bytes).sum();
    long standing = columns.values().stream().mapToLong(EpochColumn::bytes).sum();
    share.holds(folding, folding + standing);
  }

  private int population(TreeMap<Integer, EpochColumn> columns, boolean anew) {
    if (anew) {
      population.clear();
      for (EpochColumn column : columns.values()) {
        for (int row = 0; row < column.length(); row++) {
          if (column.observed(row)) {
            population.set(row);
          }
        }
      }
    }
    return population.cardinality();
  }
}
