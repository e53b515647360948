package dev.lim.selection;

import dev.lim.run.RunState;
import dev.lim.run.Runs;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/**
 * While the service starts, reads and scores the runs that were being trained when it stopped, as
 * they are scored where nothing else is asked for; one after another, on a thread of its own. Who
 * asks for one of them meanwhile waits for what is left of it.
 */
@Component
@DependsOn("kernelSelection")
class ReadAhead {

  private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

  private static final Duration LATELY = Duration.ofDays(1);

  private static final int MOST_RUNS = 4;

  private final Runs runs;
  private final Scorings scorings;
  private final Strategies strategies;
  private volatile boolean closed;

  ReadAhead(Runs runs, Scorings scorings, Strategies strategies) {
    this.runs = runs;
    this.scorings = scorings;
    this.strategies = strategies;
    Thread.ofPlatform().daemon().name("read-ahead").start(this::run);
  }

  private void run() {
    ScoringParameters parameters = ScoringParameters.defaults(strategies);
    try {
      for (RunState state : runs.writtenLately(LATELY, MOST_RUNS)) {
        if (!closed) {
          score(state, parameters);
        }
      }
    } catch (RuntimeException e) {
      LOG.debug("No runs are read ahead", e);
    }
  }

  private void score(RunState state, ScoringParameters parameters) {
    try {
      Scored scored = scorings.score(state, parameters);
      LOG.info("Run {} is read ahead: {} scored", state.run(), scored.ranking().size());
    } catch (RuntimeException e) {
      // A reader will be told.
      LOG.debug("Run {} is not read ahead", state.run(), e);
    }
  }

  @PreDestroy
  void close() {
    closed = true;
  }
}
