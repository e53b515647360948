package dev.lim.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.scoring.MissingRule;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
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
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The runs in the database. Thread-safe. */
@Component
public class Runs {

  private static final String STATE =
      """
      select r.*, (select array_agg(e.epoch order by e.epoch) from run_epoch e
                   where e.run = r.run and e.closed) as closed_epochs
      from run r
      """;

  private static final String ONE = STATE + "where r.run = ?";

  private static final String STANDS =
      """
      select exists (select from run
                     where run = ? and incarnation = ? and revision = ? and deleted_at is null)
      """;

  private static final String HOLD =
      "select run from run where run = ? and incarnation = ? and deleted_at is null for share";

  private static final String PAGE =
      STATE
          + """
          where r.deleted_at is null and r.run > ? and r.tags @> ?::jsonb
          order by r.run limit ?
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

  private static final int MOST_KEPT = 10_000;

  private final EntityManager entities;
  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final SharedLookups<String, RunState> lookups;
  private final Cache<String, RunState> latest =
      Caffeine.newBuilder().maximumSize(MOST_KEPT).build();

  Runs(EntityManager entities, JdbcClient jdbc, JsonMapper json) {
    this.entities = entities;
    this.jdbc = jdbc;
    this.json = json;
    this.lookups = new SharedLookups<>(this::lookUp);
  }

  /** The run as it stands now; empty where there is none. A deleted one is 410. */
  public Optional<RunState> find(String run) {
    return jdbc.sql(ONE)
        .param(run)
        .query((row, _) -> {
          if (row.getObject("deleted_at") != null) {
            throw deleted(run);
          }
          return state(row);
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
   * As {@link #get}, in a look-up of its own or one that begins after this call and is shared with
   * others; not for use in a transaction.
   */
  public RunState read(String run) {
    return lookups.get(run);
  }

  /** The state that was read last, where the database says that it still stands; else a new one. */
  private RunState lookUp(String run) {
    RunState last = latest.getIfPresent(run);
    if (last != null) {
      // A revision tells all that may change, but for the run's being another one, or none.
      boolean stands =
          jdbc.sql(STANDS)
              .params(run, last.incarnation(), last.revision())
              .query(Boolean.class)
              .single();
      if (stands) {
        return last;
      }
    }
    RunState now = get(run);
    latest.put(run, now);
    return now;
  }

  /** Runs after this one in the order of their ids, that have all of these tags. */
  List<RunState> page(String after, Map<String, String> tags, int limit) {
    return jdbc.sql(PAGE)
        .params(after, json.writeValueAsString(tags), limit)
        .query((row, _) -> state(row))
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

  private RunState state(ResultSet row) throws SQLException {
    Array closed = row.getArray("closed_epochs");
    return new RunState(
        row.getString("run"),
        row.getObject("incarnation", UUID.class),
        row.getString("dataset"),
        new RunSettings(
            RewardKind.of(row.getString("reward")).orElseThrow(),
            (Float) row.getObject("correct_at"),
            row.getFloat("reward_max"),
            MissingRule.of(row.getString("missing")).orElseThrow(),
            (Integer) row.getObject("batches_per_epoch"),
            row.getBoolean("closed_dataset"),
            json.readValue(row.getString("tags"), new TypeReference<Map<String, String>>() {})),
        row.getInt("attempt"),
        row.getLong("revision"),
        row.getBoolean("finished"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("last_write_at", OffsetDateTime.class).toInstant(),
        closed == null
            ? new int[0]
            : java.util.Arrays.stream((Integer[]) closed.getArray()).mapToInt(i -> i).toArray());
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
