package dev.lim.reward;

import dev.lim.run.Run;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The reward log in the database, table {@code reward_batch}: one packed row a batch, append-only.
 * A batch that is replaced, deleted or discarded keeps its row, with the revision that ended it.
 * Every statement names the run. All changes need the run's row held, by {@link Runs#lock}.
 */
@Component
class RewardLog {

  /** The reserved key of a whole epoch. */
  static final String WHOLE = "epoch";

  private static final String IN_FORCE =
      "select revision, digest from reward_batch where run = ? and epoch = ? and batch = ? and ended_at is null";

  private static final String IN_FORCE_OF =
      """
      select epoch, batch, revision, digest from reward_batch
      where run = ? and epoch = any(?) and (batch = any(?) or batch = 'epoch') and ended_at is null
      """;

  private static final String IN_PARTS =
      """
      select distinct epoch from reward_batch
      where run = ? and epoch = any(?) and batch <> 'epoch' and ended_at is null
      """;

  private static final String HAS_REWARDS =
      "select exists (select from reward_batch where run = ? and epoch = ? and ended_at is null)";

  private static final String APPEND =
      """
      insert into reward_batch (run, revision, epoch, batch, attempt, step, samples, rollouts, digest, packed, written_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now())
      """;

  private static final int[] APPEND_TYPES = {
    Types.VARCHAR,
    Types.BIGINT,
    Types.INTEGER,
    Types.VARCHAR,
    Types.INTEGER,
    Types.BIGINT,
    Types.INTEGER,
    Types.INTEGER,
    Types.BINARY,
    Types.BINARY
  };

  private static final String END =
      "update reward_batch set ended_at = ?, ended_by = ? where run = ? and revision = ?";

  private static final String DISCARD =
      """
      update reward_batch set ended_at = ?, ended_by = 'discarded'
      where run = ? and ended_at is null and (step > ? or epoch > ?) returning epoch
      """;

  private static final String WITHOUT_STEP =
      "select exists (select from reward_batch where run = ? and ended_at is null and step is null)";

  /** Whole rows as far as they fit in a page, and at least one. */
  private static final String PAGED =
      """
      select revision, epoch, batch, ended_at, packed
      from (select *, sum(octet_length(packed)) over (order by revision) - octet_length(packed) as before
            from (select revision, epoch, batch, ended_at, packed from reward_batch
                  where %s order by revision limit 1024) rows_ahead) page
      where before < 8388608 order by revision
      """;

  private static final String TAIL = PAGED.formatted("run = ? and revision > ? and revision <= ?");

  private static final String ENDED_SINCE =
      """
      select distinct epoch from reward_batch
      where run = ? and ended_at > ? and ended_at <= ? and revision <= ?
      """;

  private static final String EPOCH =
      PAGED.formatted(
          "run = ? and epoch = ? and revision > ? and revision <= ? and (ended_at is null or ended_at > ?)");

  private static final String LATEST_STEP =
      """
      select max(step) from reward_batch
      where run = ? and revision <= ? and (ended_at is null or ended_at > ?)
      """;

  private static final String SINCE_STEP =
      PAGED.formatted(
          "run = ? and step > ? and revision > ? and revision <= ? and (ended_at is null or ended_at > ?)");

  private final JdbcClient jdbc;
  private final JdbcTemplate template;

  RewardLog(JdbcClient jdbc, JdbcTemplate template) {
    this.jdbc = jdbc;
    this.template = template;
  }

  /** A row of the log; {@code endedAt} is null while it is in force. */
  record Row(long revision, int epoch, String batch, @Nullable Long endedAt, byte[] packed) {}

  private record InForce(long revision, byte[] digest) {}

  /** Begins to write to a run, having looked up what is in force where these batches go. */
  @Transactional(propagation = Propagation.MANDATORY)
  Appender appender(Run run, List<PackedBatch> batches) {
    Integer[] epochs = batches.stream().map(PackedBatch::epoch).distinct().toArray(Integer[]::new);
    String[] keys = batches.stream().map(PackedBatch::key).distinct().toArray(String[]::new);
    Map<Place, InForce> inForce = new HashMap<>();
    template.query(
        IN_FORCE_OF,
        row -> {
          inForce.put(
              new Place(row.getInt(1), row.getString(2)),
              new InForce(row.getLong(3), row.getBytes(4)));
        },
        run.run(),
        epochs,
        keys);
    Set<Integer> inParts = new HashSet<>();
    if (batches.stream().anyMatch(PackedBatch::isWhole)) {
      inParts.addAll(template.queryForList(IN_PARTS, Integer.class, run.run(), epochs));
    }
    return new Appender(run, inForce, inParts);
  }

  private record Place(int epoch, String key) {}

  /**
   * Writes batches to one run, within one transaction; {@link #flush} sends them to the database.
   */
  final class Appender {

    private final Run run;
    private final Map<Place, InForce> inForce;
    private final Set<Integer> inParts;
    private final List<Object[]> appended = new ArrayList<>();
    private final List<Object[]> ended = new ArrayList<>();

    private Appender(Run run, Map<Place, InForce> inForce, Set<Integer> inParts) {
      this.run = run;
      this.inForce = inForce;
      this.inParts = inParts;
    }

    /**
     * Decides what this batch does.
     *
     * @throws ProblemException 409; this batch changes nothing, those before it stand
     */
    Written write(PackedBatch batch) {
      Place place = new Place(batch.epoch(), batch.key());
      InForce present = inForce.get(place);
      if (present != null && Arrays.equals(present.digest, batch.digest())) {
        return written(batch, Written.Outcome.UNCHANGED);
      }
      if (present != null && !batch.replaces()) {
        throw batch.isWhole() ? epochExists(batch) : batchExists(batch);
      }
      if (batch.isWhole()
          ? inParts.contains(batch.epoch())
          : inForce.containsKey(new Place(batch.epoch(), WHOLE))) {
        throw epochHasBatches(batch);
      }
      long revision = run.nextRevision();
      if (present != null) {
        ended.add(new Object[] {revision, "replaced", run.run(), present.revision});
      }
      appended.add(
          new Object[] {
            run.run(),
            revision,
            batch.epoch(),
            batch.key(),
            run.attempt(),
            batch.step(),
            batch.samples(),
            batch.rollouts(),
            batch.digest(),
            batch.packed()
          });
      inForce.put(place, new InForce(revision, batch.digest()));
      if (!batch.isWhole()) {
        inParts.add(batch.epoch());
      }
      return written(batch, present == null ? Written.Outcome.ADDED : Written.Outcome.REPLACED);
    }

    /** Sends all that was written. */
    void flush() {
      if (!replacesItsOwn()) {
        if (!ended.isEmpty()) {
          template.batchUpdate(END, ended);
        }
        template.batchUpdate(APPEND, appended, APPEND_TYPES);
        return;
      }
      // Two in force at once are refused: in order.
      Map<Object, Object[]> endedBy = new HashMap<>();
      ended.forEach(row -> endedBy.put(row[0], row));
      for (Object[] row : appended) {
        Object[] end = endedBy.get(row[1]);
        if (end != null) {
          template.update(END, end);
        }
        template.batchUpdate(APPEND, List.<Object[]>of(row), APPEND_TYPES);
      }
    }

    /** Whether a batch replaces one of the same transaction. */
    private boolean replacesItsOwn() {
      return ended.stream().anyMatch(row -> (long) row[3] >= (long) appended.getFirst()[1]);
    }

    private Written written(PackedBatch batch, Written.Outcome outcome) {
      return new Written(
          run.run(),
          batch.epoch(),
          batch.key(),
          batch.samples(),
          batch.rollouts(),
          run.revision(),
          outcome.code());
    }
  }

  private void end(Run run, long ended, long at, String by) {
    jdbc.sql(END).params(at, by, run.run(), ended).update();
  }

  /**
   * Takes a batch back.
   *
   * @throws ProblemException 404 where it is not in force
   */
  @Transactional(propagation = Propagation.MANDATORY)
  void delete(Run run, int epoch, String batch) {
    InForce present =
        jdbc.sql(IN_FORCE)
            .params(run.run(), epoch, batch)
            .query((row, _) -> new InForce(row.getLong(1), row.getBytes(2)))
            .optional()
            .orElseThrow(() ->
                new ProblemException(
                    ProblemType.BATCH_NOT_FOUND,
                    "Epoch " + epoch + " has no batch " + batch + " in force"));
    end(run, present.revision, run.nextRevision(), "deleted");
  }

  /**
   * Ends all batches beyond a point.
   *
   * @return the epochs of the discarded batches, one entry a batch
   */
  @Transactional(propagation = Propagation.MANDATORY)
  List<Integer> discard(Run run, long at, @Nullable Long afterStep, @Nullable Integer afterEpoch) {
    return jdbc.sql(DISCARD)
        .param(at)
        .param(run.run())
        .param(afterStep == null ? Long.MAX_VALUE : afterStep)
        .param(afterEpoch == null ? Integer.MAX_VALUE : afterEpoch)
        .query(Integer.class)
        .list();
  }

  boolean hasBatchesWithoutStep(String run) {
    return jdbc.sql(WITHOUT_STEP).param(run).query(Boolean.class).single();
  }

  boolean hasRewards(String run, int epoch) {
    return jdbc.sql(HAS_REWARDS).params(run, epoch).query(Boolean.class).single();
  }

  @Transactional(propagation = Propagation.MANDATORY)
  void remove(String run) {
    jdbc.sql("delete from reward_batch where run = ?").param(run).update();
  }

  /** The next rows after a revision, up to another; empty when there are no more. */
  List<Row> tail(String run, long after, long through) {
    return rows(TAIL, run, after, through);
  }

  /** The next rows of an epoch after a revision, of those that were in force at another. */
  List<Row> epoch(String run, int epoch, long after, long at) {
    return rows(EPOCH, run, epoch, after, at, at);
  }

  /** This log for one run. */
  MatrixFold.Log of(String run) {
    return new MatrixFold.Log() {
      @Override
      public Set<Integer> epochsThatLost(long after, long through) {
        return RewardLog.this.epochsThatLost(run, after, through);
      }

      @Override
      public List<Row> tail(long after, long through) {
        return RewardLog.this.tail(run, after, through);
      }

      @Override
      public List<Row> epoch(int epoch, long after, long at) {
        return RewardLog.this.epoch(run, epoch, after, at);
      }
    };
  }

  /** The latest step of the batches that were in force at a revision; empty where none has one. */
  Optional<Long> latestStep(String run, long at) {
    return Optional.ofNullable(template.queryForObject(LATEST_STEP, Long.class, run, at, at));
  }

  /** The next rows after a revision of steps beyond one, of those that were in force at another. */
  List<Row> sinceStep(String run, long step, long after, long at) {
    return rows(SINCE_STEP, run, step, after, at, at);
  }

  /** The epochs that lost a batch after one revision and up to another, which the first one had. */
  Set<Integer> epochsThatLost(String run, long after, long through) {
    return new TreeSet<>(
        jdbc.sql(ENDED_SINCE).params(run, after, through, after).query(Integer.class).list());
  }

  private List<Row> rows(String sql, Object... parameters) {
    List<Row> rows = new ArrayList<>();
    template.query(
        connection -> {
          PreparedStatement query = connection.prepareStatement(sql);
          // Bytes as they are from the first page on, and not as text that is twice as long.
          query.unwrap(PGStatement.class).setPrepareThreshold(-1);
          for (int i = 0; i < parameters.length; i++) {
            query.setObject(i + 1, parameters[i]);
          }
          return query;
        },
        (ResultSet row) -> {
          rows.add(
              new Row(
                  row.getLong(1),
                  row.getInt(2),
                  row.getString(3),
                  (Long) row.getObject(4),
                  row.getBytes(5)));
        });
    return rows;
  }

  private static ProblemException epochExists(PackedBatch batch) {
    return new ProblemException(
        ProblemType.EPOCH_EXISTS,
        "Epoch "
            + batch.epoch()
            + " was sent whole with other content: name a batch, as in step-5-rank-3, or begin an attempt,"
            + " or say replace=true");
  }

  private static ProblemException batchExists(PackedBatch batch) {
    return new ProblemException(
        ProblemType.BATCH_EXISTS,
        "Batch "
            + batch.key()
            + " of epoch "
            + batch.epoch()
            + " was sent with other content: name a batch, as in step-5-rank-3, or begin an attempt,"
            + " or say replace=true");
  }

  private static ProblemException epochHasBatches(PackedBatch batch) {
    return new ProblemException(
        ProblemType.EPOCH_HAS_BATCHES,
        batch.isWhole()
            ? "Epoch " + batch.epoch() + " has batches: send the rest in parts, or take them back"
            : "Epoch " + batch.epoch() + " was sent whole: it takes no parts");
  }
}
