package dev.lim.reward;

import dev.lim.dataset.Samples;
import dev.lim.reward.RewardLog.Appender;
import dev.lim.run.Run;
import dev.lim.run.Runs;
import dev.lim.web.DatabaseAway;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One writer a run: it commits all that is waiting for the run in one transaction, and answers each
 * caller after the commit, so that the cost of a commit is shared by those who came while the last
 * one was on its way. A run has a queue here exactly while its writer lives. Thread-safe.
 */
@Component
class RunWriters {

  /** Beyond this, trainers are faster than the database and must be told. */
  private static final int MOST_WAITING = 512;

  private static final int JOBS_TOGETHER = 128;
  private static final long BYTES_TOGETHER = 32L << 20;
  private static final int RETRY_SECONDS = 1;

  private final Runs runs;
  private final Samples samples;
  private final RewardLog log;
  private final TransactionTemplate transaction;
  private final ConcurrentMap<String, Queue<Job>> waiting = new ConcurrentHashMap<>();

  RunWriters(Runs runs, Samples samples, RewardLog log, TransactionTemplate transaction) {
    this.runs = runs;
    this.samples = samples;
    this.log = log;
    this.transaction = transaction;
  }

  /** Batches that were sent together, and the answer that their sender waits for. */
  record Job(
      String run,
      int attempt,
      String dataset,
      List<PackedBatch> batches,
      CompletableFuture<Committed> answer) {

    long bytes() {
      return batches.stream().mapToLong(batch -> batch.packed().length).sum();
    }
  }

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
   * Hands a request's batch over.
   *
   * @throws ProblemException 429
   */
  CompletableFuture<Committed> submit(Job job) {
    return submit(job, MOST_WAITING);
  }

  /**
   * Hands a portion of a stream over; a stream has one on its way at a time, and is never refused.
   */
  CompletableFuture<Committed> submitOfStream(Job job) {
    return submit(job, Integer.MAX_VALUE);
  }

  private CompletableFuture<Committed> submit(Job job, int most) {
    waiting.compute(
        job.run,
        (run, queue) -> {
          if (queue == null) {
            queue = new ArrayDeque<>();
            Thread.ofVirtual().name("writer of " + run).start(() -> write(run));
          } else if (queue.size() >= most) {
            throw new ProblemException(
                    ProblemType.TOO_MANY_WRITES,
                    "Run " + run + " has " + most + " writes waiting; send this again in a moment")
                .retryAfter(RETRY_SECONDS);
          }
          queue.add(job);
          return queue;
        });
    return job.answer;
  }

  /** Waits for the commit; its failure becomes the caller's. */
  static Committed await(CompletableFuture<Committed> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void write(String run) {
    for (List<Job> jobs = take(run); !jobs.isEmpty(); jobs = take(run)) {
      commit(run, jobs);
    }
  }

  /**
   * The next jobs to commit together; where there are none, the queue is gone and so must be the
   * writer.
   */
  private List<Job> take(String run) {
    List<Job> taken = new ArrayList<>();
    waiting.computeIfPresent(
        run,
        (_, queue) -> {
          long bytes = 0;
          while (!queue.isEmpty() && taken.size() < JOBS_TOGETHER && bytes < BYTES_TOGETHER) {
            Job job = queue.remove();
            bytes += job.bytes();
            taken.add(job);
          }
          return taken.isEmpty() ? null : queue;
        });
    return taken;
  }

  private void commit(String run, List<Job> jobs) {
    List<Committed> results;
    try {
      results = transaction.execute(_ -> append(run, jobs));
    } catch (Throwable failure) {
      if (jobs.size() > 1 && !DatabaseAway.is(failure)) {
        // One of them is at fault: the others must not suffer for it.
        jobs.forEach(job -> commit(run, List.of(job)));
      } else {
        jobs.forEach(job -> job.answer.completeExceptionally(failure));
      }
      return;
    }
    for (int i = 0; i < jobs.size(); i++) {
      jobs.get(i).answer.complete(results.get(i));
    }
  }

  private List<Committed> append(String run, List<Job> jobs) {
    Run held = runs.lockOrCreate(run, jobs.getFirst().dataset, samples::create);
    Appender appender =
        log.appender(held, jobs.stream().flatMap(job -> job.batches.stream()).toList());
    List<Committed> results = jobs.stream().map(job -> append(held, appender, job)).toList();
    appender.flush();
    return results;
  }

  private static Committed append(Run run, Appender appender, Job job) {
    List<Written> written = new ArrayList<>();
    try {
      run.requireOpen(job.attempt);
      requireDataset(run, job);
      for (PackedBatch batch : job.batches) {
        written.add(appender.write(batch));
      }
    } catch (ProblemException refusal) {
      return new Committed(written, refusal);
    }
    return new Committed(written, null);
  }

  /**
   * The samples' ordinals are those of the dataset that the run had, or was to get, when they were
   * read.
   */
  private static void requireDataset(Run run, Job job) {
    if (!run.dataset().equals(job.dataset)) {
      throw new ProblemException(
              ProblemType.OVERLOADED,
              "Run " + run.run() + " was created on another dataset meanwhile; send this again")
          .retryAfter(RETRY_SECONDS);
    }
  }
}
