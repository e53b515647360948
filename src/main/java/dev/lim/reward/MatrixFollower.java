package dev.lim.reward;

import dev.lim.run.RunHints;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Brings matrices forward when another instance has written to their runs, so that the next reader
 * finds little left to fold. Only those that are kept and were read within {@value #LATELY_MINUTES}
 * minutes, one at a time, and for at most a tenth of the time: readers who come first fold
 * themselves, as ever. Thread-safe.
 */
@Component
class MatrixFollower {

  private static final Logger LOG = LoggerFactory.getLogger(MatrixFollower.class);

  /** Several steps of a training job. */
  private static final int LATELY_MINUTES = 15;

  private static final int REST = 9;

  private final RewardMatrices matrices;
  private final LinkedHashSet<String> behind = new LinkedHashSet<>();
  private final Thread thread;

  MatrixFollower(RunHints hints, RewardMatrices matrices) {
    this.matrices = matrices;
    this.thread = Thread.ofPlatform().daemon().name("follower").start(this::run);
    hints.onWritten(this::written);
  }

  private void written(Predicate<String> runs) {
    Set<String> kept = matrices.readLately(Duration.ofMinutes(LATELY_MINUTES));
    kept.removeIf(runs.negate());
    synchronized (behind) {
      behind.addAll(kept);
      behind.notifyAll();
    }
  }

  private String next() throws InterruptedException {
    synchronized (behind) {
      while (behind.isEmpty()) {
        behind.wait();
      }
      return behind.removeFirst();
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        String run = next();
        long start = System.nanoTime();
        bringForward(run);
        LockSupport.parkNanos(REST * (System.nanoTime() - start));
      }
    } catch (InterruptedException _) {
      // The service stops.
    }
  }

  private void bringForward(String run) {
    try {
      matrices.bringForward(run, Duration.ofMinutes(LATELY_MINUTES));
    } catch (RuntimeException e) {
      // A reader will be told.
      LOG.debug("Run {} is not brought forward", run, e);
    }
  }

  @PreDestroy
  void close() {
    thread.interrupt();
  }
}
