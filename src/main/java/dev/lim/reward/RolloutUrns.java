package dev.lim.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads the single rollout rewards of runs from the log, which matrices do not keep. Kept as long
 * as their matrix is, in a cache bounded by bytes. Thread-safe.
 */
@Component
public class RolloutUrns {

  private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private final Runs runs;
  private final RewardLog log;
  private final TransactionTemplate snapshot;
  private final Cache<RewardMatrix, Kept> cache =
      Caffeine.newBuilder()
          .weakKeys()
          .maximumWeight(MOST_BYTES >> 10)
          .weigher((RewardMatrix _, Kept kept) -> 1 + (int) (kept.bytes() >> 10))
          .build();

  RolloutUrns(Runs runs, RewardLog log, PlatformTransactionManager transactions) {
    this.runs = runs;
    this.log = log;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    // A run may be deleted and made anew while its log is read.
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
  }

  /** Without the matrix, which is the key. */
  private record Kept(Map<Integer, UrnColumn> columns, long bytes) {}

  /**
   * The rollouts that a matrix was folded from.
   *
   * @param correctAt from which a reward counts as solved
   * @throws ProblemException 404 or 410 where the run was deleted since; 507 where its rollouts do
   *     not fit
   */
  public Urns of(RunState state, RewardMatrix matrix, float correctAt) {
    Kept kept = cache.get(matrix, _ -> read(state, matrix, correctAt));
    return new Urns(matrix, kept.columns);
  }

  private Kept read(RunState state, RewardMatrix matrix, float correctAt) {
    return Objects.requireNonNull(
        snapshot.execute(_ -> {
          if (!runs.get(state.run()).incarnation().equals(state.incarnation())) {
            throw new ProblemException(
                ProblemType.RUN_DELETED,
                "Run " + state.run() + " was deleted and made anew meanwhile: ask again");
          }
          return gather(state.run(), matrix, correctAt);
        }));
  }

  private Kept gather(String run, RewardMatrix matrix, float correctAt) {
    Map<Integer, UrnColumn.Gathering> open = new HashMap<>();
    TreeMap<Integer, UrnColumn> columns = new TreeMap<>();
    long bytes = 0;
    long from = 0;
    long through = matrix.revision();
    for (List<RewardLog.Row> page = log.tail(run, from, through);
        !page.isEmpty();
        page = log.tail(run, from, through)) {
      for (RewardLog.Row row : page) {
        from = row.revision();
        EpochColumn observed = matrix.columns().get(row.epoch());
        Long endedAt = row.endedAt();
        if (observed == null || endedAt != null && endedAt <= through) {
          continue;
        }
        UrnColumn.Gathering gathering =
            open.computeIfAbsent(row.epoch(), _ -> new UrnColumn.Gathering(observed, correctAt));
        Rewards rewards = RewardCodec.unpack(row.packed());
        gathering.add(rewards, rows(rewards, matrix));
        if (gathering.isWhole()) {
          open.remove(row.epoch());
          UrnColumn column = gathering.column();
          columns.put(row.epoch(), column);
          bytes += column.bytes();
          requireRoom(bytes);
        }
      }
    }
    return new Kept(columns, bytes);
  }

  private static int[] rows(Rewards rewards, RewardMatrix matrix) {
    int[] rows = new int[rewards.samples()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = matrix.row(rewards.ordinals()[i]);
    }
    return rows;
  }

  private static void requireRoom(long bytes) {
    if (bytes > MOST_BYTES) {
      throw new ProblemException(
          ProblemType.RUN_TOO_LARGE,
          "The run's single rollouts need more than the "
              + (MOST_BYTES >> 20)
              + " MiB that this service may use for them: give it a larger heap (-Xmx)");
    }
  }
}
