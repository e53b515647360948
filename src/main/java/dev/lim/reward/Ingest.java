package dev.lim.reward;

import dev.lim.dataset.SampleIds;
import dev.lim.dataset.Samples;
import dev.lim.reward.RunWriters.Committed;
import dev.lim.reward.RunWriters.Job;
import dev.lim.run.Attempt;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/**
 * Takes parsed batches on: registers new samples in a transaction of their own, packs, and hands
 * over to the run's writer. No connection is held before that. Thread-safe.
 */
@Component
class Ingest {

  private final Runs runs;
  private final Samples samples;
  private final RunWriters writers;

  Ingest(Runs runs, Samples samples, RunWriters writers) {
    this.runs = runs;
    this.samples = samples;
    this.writers = writers;
  }

  /**
   * Where batches are to go, as it stood before they were parsed.
   *
   * @param dataset the run's, or the one that it will get
   * @param revision the run's, or 0
   */
  record Target(
      String run, int attempt, String dataset, boolean closed, long revision, SampleIds ids) {}

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
    boolean closed = state.map(s -> s.settings().closedDataset()).orElse(false);
    long revision = state.map(RunState::revision).orElse(0L);
    return new Target(run, attempt, dataset, closed, revision, samples.ids(dataset));
  }

  /**
   * Commits one batch.
   *
   * @throws ProblemException 409, 410; 429 where too many writes of the run are waiting
   */
  Written commit(Target target, BatchWrite write) {
    return RunWriters.await(writers.submit(job(target, List.of(write)))).single();
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
        target.run,
        target.attempt,
        target.dataset,
        writes.stream().map(write -> PackedBatch.of(write, ids)).toList(),
        new CompletableFuture<>());
  }
}
