package dev.lim.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The reward matrices of runs, folded from the log on first use, brought forward by its tail, and
 * kept in a cache bounded by bytes. Readers of the same run fold it once. Thread-safe.
 */
@Component
public class RewardMatrices {

  private final Runs runs;
  private final RewardLog log;
  private final TransactionTemplate snapshot;
  private final MatrixRoom room;
  private final Cache<Key, Growing> cache;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Whether any run has been loaded, or begun to be. */
  private volatile boolean loading;

  private final ExecutorService folders =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("fold-", 0).factory());

  @Autowired
  RewardMatrices(Runs runs, RewardLog log, PlatformTransactionManager transactions) {
    this(runs, log, transactions, Runtime.getRuntime().maxMemory());
  }

  RewardMatrices(Runs runs, RewardLog log, PlatformTransactionManager transactions, long heap) {
    this.runs = runs;
    this.log = log;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    // A run may be deleted and made anew while its log is read.
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    this.room = new MatrixRoom(heap, this::keepAtMost);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(room.most() >> 10)
            .weigher((Key _, Growing growing) -> 1 + (int) (growing.bytes() >> 10))
            // At once, in the thread that needs the room.
            .executor(Runnable::run)
            .evictionListener((@Nullable Key key, @Nullable Growing _, RemovalCause _) -> {
              if (key != null) {
                tell(key, null);
              }
            })
            .build();
  }

  private void keepAtMost(long bytes) {
    cache.policy().eviction().orElseThrow().setMaximum(Math.max(0, bytes) >> 10);
  }

  /** A run and its rewards, both at the same revision. */
  public record Read(RunState state, RewardMatrix matrix) {}

  /** What a fold depends on beside the log. */
  record Key(UUID incarnation, float correctAt, float rewardMax) {

    private static Key of(RunState state, @Nullable Float correctAt) {
      return new Key(
          state.incarnation(),
          correctAt == null ? state.settings().effectiveCorrectAt() : correctAt,
          state.settings().rewardMax());
    }
  }

  /** Is told what is kept, so that what holds on to something else can be let go. */
  @FunctionalInterface
  public interface Listener {

    /**
     * @param present the matrix that is kept from now on; null where none is
     */
    void changed(UUID incarnation, float correctAt, @Nullable RewardMatrix present);
  }

  /** Tells this listener of every change from now on. */
  public void onChange(Listener listener) {
    listeners.add(listener);
  }

  private void tell(Key key, @Nullable RewardMatrix present) {
    listeners.forEach(listener -> listener.changed(key.incarnation, key.correctAt, present));
  }

  /** The run as it stands now. */
  public Read read(String run) {
    return read(runs.read(run), null);
  }

  /**
   * The run as it stands now, or at this state if nothing was written since.
   *
   * @param correctAt the reward from which a rollout counts as solved; null: the run's
   * @throws ProblemException 507, where the run has no room in memory
   */
  public Read read(RunState state, @Nullable Float correctAt) {
    Key key = Key.of(state, correctAt);
    Growing growing = cache.get(key, _ -> new Growing());
    growing.readAt = System.nanoTime();
    Optional<Read> read = growing.at(state, correctAt, key);
    if (read.isEmpty()) {
      synchronized (growing) {
        read = growing.at(state, correctAt, key);
        if (read.isEmpty()) {
          read = advance(growing, key, state, correctAt);
        }
      }
    }
    return read.orElseGet(() -> read(runs.get(state.run()), correctAt));
  }

  /** The runs of which something is kept that was read no longer ago than this. */
  Set<String> readLately(Duration age) {
    Set<String> runs = new HashSet<>();
    for (Growing growing : cache.asMap().values()) {
      Read read = growing.present;
      if (read != null && growing.wasReadWithin(age)) {
        runs.add(read.state().run());
      }
    }
    return runs;
  }

  /**
   * Folds what was written since into what is kept of a run, where that was read no longer ago than
   * this.
   */
  void bringForward(String run, Duration age) {
    RunState state = runs.read(run);
    for (Map.Entry<Key, Growing> kept : cache.asMap().entrySet()) {
      Key key = kept.getKey();
      Growing growing = kept.getValue();
      if (key.equals(Key.of(state, key.correctAt)) && growing.wasReadWithin(age)) {
        synchronized (growing) {
          Read read = growing.present;
          if (read != null && read.state().revision() < state.revision()) {
            advance(growing, key, state, key.correctAt);
          }
        }
      }
    }
  }

  /** Empty where the run has become another one, or is read another way, since. */
  private Optional<Read> advance(
      Growing growing, Key key, RunState state, @Nullable Float correctAt) {
    loading = true;
    try {
      Optional<Read> read =
          room.fold(
              growing.present == null,
              share ->
                  snapshot.execute(_ -> {
                    // Read again: it may have been written to since.
                    RunState now = runs.get(state.run());
                    return key.equals(Key.of(now, correctAt))
                        ? Optional.of(growing.advance(now, key, share))
                        : Optional.<Read>empty();
                  }));
      if (read.isPresent()) {
        cache.put(key, growing);
        tell(key, read.get().matrix());
      }
      return read;
    } catch (ProblemException e) {
      if (e.type() == ProblemType.RUN_TOO_LARGE) {
        growing.refuse(state.revision(), e);
        cache.put(key, growing);
        tell(key, null);
      }
      throw e;
    }
  }

  /**
   * Folds made-up logs for about a second, or until a run is loaded, so that the compiler has been
   * there before. Keeps nothing, reads nothing.
   */
  public void warmUp() {
    new FoldWarmUp(() -> loading).run();
  }

  @PreDestroy
  void close() {
    folders.shutdown();
  }

  /** A matrix that is brought forward, by one thread at a time. */
  private final class Growing {

    private volatile @Nullable Read present;

    /** When somebody last asked, by {@link System#nanoTime}. */
    private volatile long readAt;

    /** What brought {@link #present} here, and brings it on. */
    private @Nullable MatrixFold fold;

    private volatile long refusedAt = -1;
    private volatile @Nullable ProblemException refusal;

    long bytes() {
      Read read = present;
      return read == null ? 0 : read.matrix().bytes();
    }

    boolean wasReadWithin(Duration age) {
      return System.nanoTime() - readAt <= age.toNanos();
    }

    /** What is there already, if it is not older than this state. */
    Optional<Read> at(RunState state, @Nullable Float correctAt, Key key) {
      ProblemException refused = refusal;
      if (refused != null && refusedAt == state.revision()) {
        throw refused;
      }
      Read read = present;
      if (read == null || read.state().revision() < state.revision()) {
        return Optional.empty();
      }
      if (read.state().revision() == state.revision()) {
        return Optional.of(new Read(state, read.matrix()));
      }
      return key.equals(Key.of(read.state(), correctAt)) ? Optional.of(read) : Optional.empty();
    }

    /** Lets go of all, and answers the same until something is written. */
    void refuse(long revision, ProblemException problem) {
      present = null;
      fold = null;
      refusedAt = revision;
      refusal = problem;
    }

    Read advance(RunState state, Key key, MatrixRoom.Share share) {
      Read before = present;
      if (fold == null) {
        fold = new MatrixFold(folders, key);
      }
      RewardMatrix matrix =
          fold.advance(
              log.of(state.run()),
              before == null ? null : before.matrix(),
              state.revision(),
              share);
      Read read = new Read(state, matrix);
      refusal = null;
      present = read;
      return read;
    }
  }
}
