package dev.lim.reward;

import dev.lim.dataset.SampleIds;
import dev.lim.dataset.Samples;
import dev.lim.run.Attempt;
import dev.lim.run.Run;
import dev.lim.run.RunSettings;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes parsed batches into the reward log: registers new samples in a transaction of their own,
 * then commits the batches in one, under the run's lock. No connection is held before that.
 * Thread-safe.
 */
@Component
class Ingest {

  private final Runs runs;
  private final Samples samples;
  private final RewardLog log;
  private final TransactionTemplate transaction;

  Ingest(Runs runs, Samples samples, RewardLog log, TransactionTemplate transaction) {
    this.runs = runs;
    this.samples = samples;
    this.log = log;
    this.transaction = transaction;
  }

  /**
   * Where batches are to go, as it stood before they were parsed.
   *
   * @param dataset the run's, or the one that it will get
   */
  record Target(String run, int attempt, String dataset, boolean closed, SampleIds ids) {}

  /**
   * What became of batches that were sent together, in their order, as far as the first that was
   * refused.
   *
   * @param refusal why that one was refused; those before it are committed, those after it were not
   *     tried
   */
  record Committed(List<Written> written, @Nullable ProblemException refusal) {

    /** The only batch's fate. */
    Written single() {
      if (refusal != null) {
        throw refusal;
      }
      return written.getFirst();
    }
  }

  /**
   * @throws ProblemException 409 or 410 where the run would refuse any batch; decided again under
   *     its lock
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
    return new Target(run, attempt, dataset, closed, samples.ids(dataset));
  }

  /** Commits batches in one transaction; all that were parsed for this target. */
  Committed commit(Target target, List<BatchWrite> writes) {
    Set<String> unknown = new LinkedHashSet<>();
    for (BatchWrite write : writes) {
      unknown.addAll(write.content().unknown().keySet());
    }
    SampleIds ids = unknown.isEmpty() ? target.ids : samples.register(target.dataset, unknown);
    List<Rewards> contents = writes.stream().map(write -> write.content().resolve(ids)).toList();
    return transaction.execute(_ -> commitLocked(target, writes, contents));
  }

  private Committed commitLocked(Target target, List<BatchWrite> writes, List<Rewards> contents) {
    List<Written> written = new ArrayList<>();
    Run run = open(target);
    try {
      for (int i = 0; i < writes.size(); i++) {
        written.add(log.write(run, writes.get(i), contents.get(i)));
      }
    } catch (ProblemException refusal) {
      return new Committed(written, refusal);
    }
    return new Committed(written, null);
  }

  private Run open(Target target) {
    if (runs.find(target.run).isEmpty()) {
      samples.create(target.dataset);
      runs.create(target.run, target.dataset, RunSettings.DEFAULT);
    }
    Run run = runs.lock(target.run);
    run.requireOpen(target.attempt);
    if (!run.dataset().equals(target.dataset)) {
      throw new ProblemException(
              ProblemType.OVERLOADED,
              "Run " + target.run + " was created on another dataset meanwhile; send this again")
          .retryAfter(1);
    }
    return run;
  }
}
