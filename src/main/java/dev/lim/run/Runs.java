package dev.lim.run;

import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** The runs in the database. Thread-safe. */
@Component
public class Runs {

  private static final String HOLD =
      "select run from run where run = ? and incarnation = ? and deleted_at is null for share";

  private static final String PAGE =
      RunRow.STATE
          + """
          where r.deleted_at is null and r.run > ? and r.tags @> ?::jsonb
          order by r.run limit ?
          """;

  private static final String WRITTEN_LATELY =
      RunRow.STATE
          + """
          where r.deleted_at is null and r.revision > 0 and r.last_write_at >= ?
          order by r.last_write_at desc limit ?
          """;

  private static final String CREATE =
      """
      insert into run (run, incarnation, dataset, reward, correct_at, reward_max, missing, batches_per_epoch,
                       closed_dataset, created_with, tags, attempt, revision, finished, created_at, last_write_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::json, ?::jsonb, 1, 0, false, now(), now())
      on conflict do nothing
      """;

  private static final String CLOSE =
      """
      insert into run_epoch (run, epoch, closed) values (?, ?, true)
      on conflict (run, epoch) do update set closed = true where not run_epoch.closed
      """;

  private static final String REOPEN =
      "update run_epoch set closed = false where run = ? and epoch = any(?) and closed";

  private static final String REOPEN_AFTER =
      "update run_epoch set closed = false where run = ? and epoch > ? and closed";

  private final EntityManager entities;
  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final RunLookups lookups;
  private final RunHints hints;

  Runs(
      EntityManager entities,
      JdbcClient jdbc,
      JsonMapper json,
      RunLookups lookups,
      RunHints hints) {
    this.entities = entities;
    this.jdbc = jdbc;
    this.json = json;
    this.lookups = lookups;
    this.hints = hints;
  }

  /** The run as it stands now; empty where there is none. A deleted one is 410. */
  public Optional<RunState> find(String run) {
    return jdbc.sql(RunRow.ONE)
        .param(run)
        .query((row, _) -> {
          if (row.getObject("deleted_at") != null) {
            throw deleted(run);
          }
          return RunRow.state(row, json);
        })
        .optional();
  }

  /**
   * The run as it stands now.
   *
   * @throws ProblemException 404 or 410
   */
  public RunState get(String run) {
    return find(run).orElseThrow(() -> absent(run));
  }

  /**
   * As {@link #get}, in a look-up that begins after this call and is shared with others; not for
   * use in a transaction, whose changes it does not see.
   */
  public RunState read(String run) {
    return lookups.state(run);
  }

  /** Runs after this one in the order of their ids, that have all of these tags. */
  List<RunState> page(String after, Map<String, String> tags, int limit) {
    return jdbc.sql(PAGE)
        .params(after, json.writeValueAsString(tags), limit)
        .query((row, _) -> RunRow.state(row, json))
        .list();
  }

  /** Runs that were written to no longer ago than this, the latest first. */
  public List<RunState> writtenLately(Duration age, int limit) {
    return jdbc.sql(WRITTEN_LATELY)
        .params(OffsetDateTime.now(ZoneOffset.UTC).minus(age), limit)
        .query((row, _) -> RunRow.state(row, json))
        .list();
  }

  /**
   * Creates the run unless it is there, in the caller's transaction.
   *
   * @return whether it was created
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public boolean create(String run, String dataset, RunSettings settings) {
    return jdbc.sql(CREATE)
            .param(run)
            .param(UUID.randomUUID())
            .param(dataset)
            .param(settings.reward().code())
            .param(settings.correctAt())
            .param(settings.rewardMax())
            .param(settings.missing().code())
            .param(settings.batchesPerEpoch())
            .param(settings.closedDataset())
            .param(settings.canonical(dataset))
            .param(json.writeValueAsString(settings.tags()))
            .update()
        == 1;
  }

  /**
   * Holds the run's row until the caller's transaction ends.
   *
   * @throws ProblemException 404 or 410
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public Run lock(String run) {
    Run held = lockEvenIfDeleted(run).orElseThrow(() -> absent(run));
    if (held.deleted()) {
      throw deleted(run);
    }
    return held;
  }

  /**
   * Holds the run's row, which is created with default settings where there is none.
   *
   * @param dataset of a new run; {@code createDataset} makes sure that it is there
   * @throws ProblemException 410
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public Run lockOrCreate(String run, String dataset, Consumer<String> createDataset) {
    Optional<Run> held = lockEvenIfDeleted(run);
    if (held.isEmpty()) {
      createDataset.accept(dataset);
      create(run, dataset, RunSettings.DEFAULT);
      return lock(run);
    }
    if (held.get().deleted()) {
      throw deleted(run);
    }
    return held.get();
  }

  Optional<Run> lockEvenIfDeleted(String run) {
    @Nullable Run held = entities.find(Run.class, run, LockModeType.PESSIMISTIC_WRITE);
    if (held != null) {
      hints.afterCommit(held);
    }
    return Optional.ofNullable(held);
  }

  /**
   * Keeps the run from being deleted, and changed, until the caller's transaction ends.
   *
   * @return whether it is still the one that was read, whatever was written to it since
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public boolean holdAgainstDeletion(RunState state) {
    return jdbc.sql(HOLD)
        .params(state.run(), state.incarnation())
        .query(String.class)
        .optional()
        .isPresent();
  }

  /** Closes the epoch; whether it was open. */
  @Transactional(propagation = Propagation.MANDATORY)
  public boolean closeEpoch(String run, int epoch) {
    return jdbc.sql(CLOSE).params(run, epoch).update() == 1;
  }

  /** Opens these epochs again. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void reopenEpochs(String run, List<Integer> epochs) {
    jdbc.sql(REOPEN).params(run, epochs.toArray(Integer[]::new)).update();
  }

  /** Opens all epochs after this one again. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void reopenEpochsAfter(String run, int epoch) {
    jdbc.sql(REOPEN_AFTER).params(run, epoch).update();
  }

  /** Removes what is kept beside the run's row. */
  void forget(String run) {
    jdbc.sql("delete from run_epoch where run = ?").param(run).update();
    jdbc.sql("delete from run_attempt where run = ?").param(run).update();
  }

  static ProblemException absent(String run) {
    return new ProblemException(
        ProblemType.RUN_NOT_FOUND, "There is no run " + run + "; GET /api/v1/runs lists them");
  }

  static ProblemException deleted(String run) {
    return new ProblemException(
        ProblemType.RUN_DELETED,
        "Run " + run + " was deleted; PUT /api/v1/runs/" + run + " makes it anew");
  }
}
