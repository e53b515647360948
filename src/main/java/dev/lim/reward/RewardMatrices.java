package dev.lim.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.reward.RewardMatrix.RowIndex;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The reward matrices of runs, folded from the log on first use, brought forward by its tail, and
 * kept in a cache bounded by bytes. Thread-safe.
 */
@Component
public class RewardMatrices {

  private final Runs runs;
  private final RewardLog log;
  private final TransactionTemplate snapshot;
  private final Cache<Key, Growing> cache;

  RewardMatrices(Runs runs, RewardLog log, PlatformTransactionManager transactions) {
    this.runs = runs;
    this.log = log;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    // A run may be deleted and made anew while its log is read.
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / 2 >> 10)
            .weigher((Key _, Growing growing) -> 1 + (int) (growing.bytes() >> 10))
            .build();
  }

  /** A run and its rewards, both at the same revision. */
  public record Read(RunState state, RewardMatrix matrix) {}

  /** What a fold depends on beside the log. */
  private record Key(UUID incarnation, float correctAt, float rewardMax) {}

  /** The run as it stands now. */
  public Read read(String run) {
    return read(runs.read(run), null);
  }

  /**
   * The run as it stands now, or at this state if nothing was written since.
   *
   * @param correctAt the reward from which a rollout counts as solved; null: the run's
   */
  public Read read(RunState state, @Nullable Float correctAt) {
    Key key = key(state, correctAt);
    Growing growing = cache.get(key, _ -> new Growing());
    RewardMatrix present = growing.present;
    if (present != null && present.revision() == state.revision()) {
      return new Read(state, present);
    }
    synchronized (growing) {
      Optional<Read> read = snapshot.execute(_ -> advance(growing, key, state.run(), correctAt));
      if (read.isPresent()) {
        cache.put(key, growing);
        return read.get();
      }
    }
    return read(runs.get(state.run()), correctAt);
  }

  /** Empty where the run has become another one, or is read another way, since. */
  private Optional<Read> advance(Growing growing, Key key, String run, @Nullable Float correctAt) {
    // Read again: the matrix may have been brought past the state that was read outside.
    RunState now = runs.get(run);
    return key.equals(key(now, correctAt))
        ? Optional.of(new Read(now, growing.advance(now, key)))
        : Optional.empty();
  }

  private static Key key(RunState state, @Nullable Float correctAt) {
    return new Key(
        state.incarnation(),
        correctAt == null ? state.settings().effectiveCorrectAt() : correctAt,
        state.settings().rewardMax());
  }

  /** A matrix that is brought forward, by one thread at a time. */
  private final class Growing {

    private final RowIndex index = new RowIndex();
    private volatile @Nullable RewardMatrix present;

    long bytes() {
      RewardMatrix matrix = present;
      return matrix == null ? 0 : matrix.bytes();
    }

    RewardMatrix advance(RunState state, Key key) {
      RewardMatrix before = present;
      long from = before == null ? 0 : before.revision();
      long through = state.revision();
      if (before != null && from == through) {
        return before;
      }
      TreeMap<Integer, EpochColumn> columns =
          before == null ? new TreeMap<>() : new TreeMap<>(before.columns());
      Map<Integer, EpochColumn.Fold> folds = new HashMap<>();
      Set<Integer> lost = log.epochsThatLost(state.run(), from, through);
      for (List<RewardLog.Row> page = log.tail(state.run(), from, through);
          !page.isEmpty();
          page = log.tail(state.run(), from, through)) {
        for (RewardLog.Row row : page) {
          Rewards rewards = RewardCodec.unpack(row.packed());
          int[] rows = rows(rewards);
          if (isInForce(row, through) && !lost.contains(row.epoch())) {
            folds
                .computeIfAbsent(
                    row.epoch(),
                    epoch -> new EpochColumn.Fold(key.correctAt, key.rewardMax, columns.get(epoch)))
                .add(rewards, rows, index.rows(), row.batch().equals(RewardLog.WHOLE));
          }
          from = row.revision();
        }
      }
      for (int epoch : lost) {
        folds.put(epoch, foldAgain(state, key, epoch));
      }
      folds.forEach((epoch, fold) -> {
        EpochColumn column = fold.column();
        if (column == null) {
          columns.remove(epoch);
        } else {
          columns.put(epoch, column);
        }
      });
      RewardMatrix matrix =
          new RewardMatrix(through, index.rows(), index.ordinals(), index, columns);
      present = matrix;
      return matrix;
    }

    private EpochColumn.Fold foldAgain(RunState state, Key key, int epoch) {
      EpochColumn.Fold fold = new EpochColumn.Fold(key.correctAt, key.rewardMax, null);
      long from = 0;
      for (List<RewardLog.Row> page = log.epoch(state.run(), epoch, from, state.revision());
          !page.isEmpty();
          page = log.epoch(state.run(), epoch, from, state.revision())) {
        for (RewardLog.Row row : page) {
          Rewards rewards = RewardCodec.unpack(row.packed());
          fold.add(rewards, rows(rewards), index.rows(), row.batch().equals(RewardLog.WHOLE));
          from = row.revision();
        }
      }
      return fold;
    }

    private boolean isInForce(RewardLog.Row row, long at) {
      return row.endedAt() == null || row.endedAt() > at;
    }

    private int[] rows(Rewards rewards) {
      int[] rows = new int[rewards.samples()];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = index.rowOrNext(rewards.ordinals()[i]);
      }
      return rows;
    }
  }
}
