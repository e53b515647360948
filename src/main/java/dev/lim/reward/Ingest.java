package dev.lim.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.dataset.SampleIds;
import dev.lim.dataset.Samples;
import dev.lim.reward.RunWriters.Committed;
import dev.lim.reward.RunWriters.Job;
import dev.lim.run.Attempt;
import dev.lim.run.Run;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Takes parsed batches on: registers new samples in a transaction of their own, packs, and hands
 * over to the run's writer. No connection is held before that. Thread-safe.
 */
@Component
class Ingest {

  private static final int MOST_REMEMBERED = 10_000;
  private static final int RETRY_SECONDS = 1;

  private final Runs runs;
  private final Samples samples;
  private final RunWriters writers;

  /** The dataset of a run when it was last looked up: it may be another, if the run is. */
  private final Cache<String, String> datasets =
      Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();

  Ingest(Runs runs, Samples samples, RunWriters writers) {
    this.runs = runs;
    this.samples = samples;
    this.writers = writers;
  }

  /**
   * Where batches are to go, as it stood before they were parsed.
   *
   * @param incarnation the run's; null where there is none yet
   * @param dataset the run's, or the one that it will get
   * @param revision the run's, or 0
   */
  record Target(
      String run,
      int attempt,
      @Nullable UUID incarnation,
      String dataset,
      boolean closed,
      long revision,
      SampleIds ids) {

    /** The same, known to be this run. */
    Target of(UUID incarnation) {
      return new Target(run, attempt, incarnation, dataset, closed, revision, ids);
    }

    /**
     * Holds the run that is written to against the one for which the batches were read: their
     * ordinals are those of its dataset, and what was committed before went to it.
     *
     * @throws ProblemException 410, 503
     */
    void requireSame(Run now) {
      if (incarnation != null && !incarnation.equals(now.incarnation())) {
        throw new ProblemException(
            ProblemType.RUN_DELETED,
            "Run " + run + " was deleted and made anew while this was being sent");
      }
      if (!dataset.equals(now.dataset()) || !closed && now.closedDataset()) {
        throw new ProblemException(
                ProblemType.OVERLOADED,
                "Run " + run + " was created otherwise meanwhile; send this again")
            .retryAfter(RETRY_SECONDS);
      }
    }
  }

  /**
   * @throws ProblemException 410 where the run was deleted; decided again under its lock
   */
  Target target(String run, int attempt) {
    Optional<RunState> state = runs.find(run);
    Attempt.requireOpen(
        run,
        state.map(RunState::attempt).orElse(1),
        state.map(RunState::finished).orElse(false),
        attempt);
    String dataset = state.map(RunState::dataset).orElse(run);
    state.ifPresent(s -> datasets.put(run, s.dataset()));
    return new Target(
        run,
        attempt,
        state.map(RunState::incarnation).orElse(null),
        dataset,
        state.map(s -> s.settings().closedDataset()).orElse(false),
        state.map(RunState::revision).orElse(0L),
        samples.ids(dataset));
  }

  /**
   * Reads one batch and commits it. A run that was met before is not looked up again for a batch
   * whose samples are all known: all that matters then is decided under the run's lock.
   *
   * @throws ProblemException of the reader; 409, 410; 422 where the dataset is closed to a sample;
   *     429 where too many writes of the run are waiting
   */
  Written take(String run, int attempt, Function<SampleIds, BatchWrite> reader) {
    @Nullable String remembered = datasets.getIfPresent(run);
    Target target =
        remembered == null ? target(run, attempt) : rememberedTarget(run, attempt, remembered);
    BatchWrite write;
    try {
      write = reader.apply(target.ids);
    } catch (ProblemException refusal) {
      // What the run refuses comes before what is wrong with the batch, whatever was remembered.
      target(run, attempt);
      throw refusal;
    }
    if (!write.content().unknown().isEmpty()) {
      Target now = target(run, attempt);
      write = moved(write, target, now);
      target = now;
    }
    Committed committed = commit(target, write);
    if (committed.refusal() != null) {
      datasets.invalidate(run);
      Target now = target(run, attempt);
      if (!now.dataset.equals(target.dataset)) {
        committed = commit(now, moved(write, target, now));
      }
    }
    return committed.single();
  }

  /** Closed, as it may have become: no sample is registered for it. */
  private Target rememberedTarget(String run, int attempt, String dataset) {
    return new Target(run, attempt, null, dataset, true, 0, samples.ids(dataset));
  }

  /** What was read for a run, for what has become of the run. */
  private static BatchWrite moved(BatchWrite write, Target from, Target to) {
    BatchWrite moved =
        to.dataset.equals(from.dataset)
            ? write
            : new BatchWrite(
                write.epoch(),
                write.key(),
                write.step(),
                write.replaces(),
                write.content().moved(from.ids, to.ids));
    if (to.closed) {
      moved.content().requireKnown();
    }
    return moved;
  }

  private Committed commit(Target target, BatchWrite write) {
    return RunWriters.await(writers.submit(job(target, List.of(write))));
  }

  /** Hands batches of a stream over, to be committed in one transaction. */
  CompletableFuture<Committed> commitLater(Target target, List<BatchWrite> writes) {
    return writers.submitOfStream(job(target, writes));
  }

  private Job job(Target target, List<BatchWrite> writes) {
    Set<String> unknown = new LinkedHashSet<>();
    for (BatchWrite write : writes) {
      unknown.addAll(write.content().unknown().keySet());
    }
    SampleIds ids = unknown.isEmpty() ? target.ids : samples.register(target.dataset, unknown);
    return new Job(
        target,
        writes.stream().map(write -> PackedBatch.of(write, ids)).toList(),
        new CompletableFuture<>());
  }
}
