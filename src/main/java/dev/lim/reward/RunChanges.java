package dev.lim.reward;

import dev.lim.run.Run;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Changes of a run that are no batches: taking one back, closing an epoch, beginning an attempt.
 * Thread-safe.
 */
@Component
class RunChanges {

  private static final String ATTEMPT =
      "select after_step, after_epoch, discarded from run_attempt where run = ? and attempt = ?";

  private static final String BEGIN =
      """
      insert into run_attempt (run, attempt, after_step, after_epoch, discarded, revision, begun_at)
      values (?, ?, ?, ?, ?, ?, now())
      """;

  private final Runs runs;
  private final RewardLog log;
  private final JdbcClient jdbc;

  RunChanges(Runs runs, RewardLog log, JdbcClient jdbc) {
    this.runs = runs;
    this.log = log;
    this.jdbc = jdbc;
  }

  /** From where an attempt goes on; at most one of the two. */
  record Point(@Nullable Long afterStep, @Nullable Integer afterEpoch) {}

  private record Begun(Point point, int discarded) {}

  /** Takes a batch back; an epoch that lost a batch is open again. */
  @Transactional
  public void takeBack(String run, int attempt, int epoch, String batch) {
    Run held = runs.lock(run);
    held.requireOpen(attempt);
    log.delete(held, epoch, batch);
    runs.reopenEpochs(run, List.of(epoch));
  }

  /**
   * Closes an epoch; nothing changes where it is closed.
   *
   * @throws ProblemException 422 where it has no rewards
   */
  @Transactional
  public void complete(String run, int attempt, int epoch) {
    Run held = runs.lock(run);
    held.requireOpen(attempt);
    if (!log.hasRewards(run, epoch)) {
      throw new ProblemException(
          ProblemType.INVALID_CONTENT,
          "Epoch " + epoch + " has no rewards: there is nothing to close");
    }
    if (runs.closeEpoch(run, epoch)) {
      held.nextRevision();
    }
  }

  /**
   * Begins an attempt, or finds it begun from the same point.
   *
   * @return how many batches it discarded
   * @throws ProblemException 409 where it is not the next one, or was begun from another point; 422
   *     where a batch in force has no step to compare
   */
  @Transactional
  public int begin(String run, int attempt, Point point) {
    Run held = runs.lock(run);
    if (attempt == held.attempt()) {
      Begun begun = begun(run, attempt);
      if (!begun.point.equals(point)) {
        throw new ProblemException(
            ProblemType.ATTEMPT_DIFFERS,
            "Attempt "
                + attempt
                + " was begun from another point: all ranks must resume from the same");
      }
      return begun.discarded;
    }
    if (attempt != held.attempt() + 1) {
      throw new ProblemException(
          ProblemType.STALE_ATTEMPT,
          "Run "
              + run
              + " is in attempt "
              + held.attempt()
              + "; the next one is "
              + (held.attempt() + 1));
    }
    if (point.afterStep != null && log.hasBatchesWithoutStep(run)) {
      throw ProblemException.at(
          ProblemType.INVALID_CONTENT,
          "#/afterStep",
          "Some batches in force have no step: say afterEpoch, or send steps with all batches");
    }
    held.beginAttempt(attempt);
    long revision = held.nextRevision();
    List<Integer> discarded = log.discard(held, revision, point.afterStep, point.afterEpoch);
    runs.reopenEpochs(run, discarded.stream().distinct().toList());
    if (point.afterEpoch != null) {
      runs.reopenEpochsAfter(run, point.afterEpoch);
    }
    jdbc.sql(BEGIN)
        .param(run)
        .param(attempt)
        .param(point.afterStep)
        .param(point.afterEpoch)
        .param(discarded.size())
        .param(revision)
        .update();
    return discarded.size();
  }

  private Begun begun(String run, int attempt) {
    Optional<Begun> begun =
        jdbc.sql(ATTEMPT)
            .params(run, attempt)
            .query((row, _) ->
                new Begun(
                    new Point(
                        (Long) row.getObject("after_step"), (Integer) row.getObject("after_epoch")),
                    row.getInt("discarded")))
            .optional();
    // The first attempt began with the run.
    return begun.orElse(new Begun(new Point(null, null), 0));
  }
}
