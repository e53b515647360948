package dev.lim.reward;

import dev.lim.dataset.Samples;
import dev.lim.reward.Ingest.Target;
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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

  /** After this a caller is told to come again: its database is as good as away. */
  private static final int PATIENCE_SECONDS = 60;

  private static final String STATEMENT_CANCELLED = "57014";

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
  record Job(Target target, List<PackedBatch> batches, CompletableFuture<Committed> answer) {

    String run() {
      return target.run();
    }

    long bytes() {
      return batches.stream().mapToLong(batch -> batch.packed().length).sum();
    }
  }

  /**
   * What became of batches that were sent together, in their order, as far as the first that was
   * refused.
   *
   * @param incarnation of the run that they went to
   * @param refusal why that one was refused; those before it are committed, those after it were not
   *     tried
   */
  record Committed(UUID incarnation, List<Written> written, @Nullable ProblemException refusal) {

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
        job.run(),
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

  /**
   * Waits for the commit; its failure becomes the caller's.
   *
   * @throws ProblemException 503 where it takes too long; then it is not begun any more
   */
  static Committed await(CompletableFuture<Committed> answer) {
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      ProblemException away = DatabaseAway.problem();
      answer.completeExceptionally(away);
      throw away;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DatabaseAway.problem();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void write(String run) {
    try {
      for (List<Job> jobs = take(run); !jobs.isEmpty(); jobs = take(run)) {
        commit(run, jobs);
      }
    } catch (Throwable failure) {
      // Nobody may wait for a writer that is gone.
      waiting.computeIfPresent(
          run,
          (_, queue) -> {
            queue.forEach(job -> job.answer.completeExceptionally(failure));
            return null;
          });
      throw failure;
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
            Job job = queue.peek();
            if (!job.answer.isDone()) {
              bytes += job.bytes();
              taken.add(job);
            }
            queue.remove();
          }
          return taken.isEmpty() ? null : queue;
        });
    return taken;
  }

  private void commit(String run, List<Job> jobs) {
    List<Committed> results;
    boolean[] held = {false};
    try {
      results = transaction.execute(_ -> append(run, jobs, held));
    } catch (Throwable failure) {
      if (jobs.size() > 1 && held[0] && isOfOne(failure)) {
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

  /** Whether others may fare better alone: a statement may take too long for one large batch. */
  private static boolean isOfOne(Throwable failure) {
    return !DatabaseAway.is(failure) || DatabaseAway.says(failure, STATEMENT_CANCELLED);
  }

  /**
   * @param held is told when the run is held: what fails after that is not the wait for it
   */
  private List<Committed> append(String run, List<Job> jobs, boolean[] held) {
    Run row = runs.lockOrCreate(run, jobs.getFirst().target.dataset(), samples::create);
    held[0] = true;
    Appender appender =
        log.appender(row, jobs.stream().flatMap(job -> job.batches.stream()).toList());
    List<Committed> results = jobs.stream().map(job -> append(row, appender, job)).toList();
    appender.flush();
    return results;
  }

  private static Committed append(Run run, Appender appender, Job job) {
    List<Written> written = new ArrayList<>();
    try {
      job.target.requireSame(run);
      run.requireOpen(job.target.attempt());
      for (PackedBatch batch : job.batches) {
        written.add(appender.write(batch));
      }
    } catch (ProblemException refusal) {
      return new Committed(run.incarnation(), written, refusal);
    }
    return new Committed(run.incarnation(), written, null);
  }
}
