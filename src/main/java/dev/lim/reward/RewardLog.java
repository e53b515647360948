package dev.lim.reward;

import dev.lim.run.Run;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
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

  private static final String OTHER_FORM =
      """
      select exists (select from reward_batch
                     where run = ? and epoch = ? and (batch = 'epoch') <> ? and ended_at is null)
      """;

  private static final String HAS_REWARDS =
      "select exists (select from reward_batch where run = ? and epoch = ? and ended_at is null)";

  private static final String APPEND =
      """
      insert into reward_batch (run, revision, epoch, batch, attempt, step, samples, rollouts, digest, packed, written_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now())
      """;

  private static final String END =
      "update reward_batch set ended_at = ?, ended_by = ? where run = ? and revision = ?";

  private static final String DISCARD =
      """
      update reward_batch set ended_at = ?, ended_by = 'discarded'
      where run = ? and ended_at is null and (step > ? or epoch > ?) returning epoch
      """;

  private static final String WITHOUT_STEP =
      "select exists (select from reward_batch where run = ? and ended_at is null and step is null)";

  private static final String TAIL =
      """
      select revision, epoch, batch, ended_at, packed from reward_batch
      where run = ? and revision > ? and revision <= ? order by revision limit ?
      """;

  private static final String ENDED_SINCE =
      """
      select distinct epoch from reward_batch
      where run = ? and ended_at > ? and ended_at <= ? and revision <= ?
      """;

  private static final String EPOCH =
      """
      select revision, epoch, batch, ended_at, packed from reward_batch
      where run = ? and epoch = ? and revision > ? and revision <= ? and (ended_at is null or ended_at > ?)
      order by revision limit ?
      """;

  /** Few enough rows that a page fits in memory; a page costs nothing beside its rows. */
  private static final int PAGE = 16;

  private final JdbcClient jdbc;
  private final JdbcTemplate template;

  RewardLog(JdbcClient jdbc, JdbcTemplate template) {
    this.jdbc = jdbc;
    this.template = template;
  }

  /** A row of the log; {@code endedAt} is null while it is in force. */
  record Row(long revision, int epoch, String batch, @Nullable Long endedAt, byte[] packed) {}

  private record InForce(long revision, byte[] digest) {}

  /**
   * Decides what this batch does, and does it.
   *
   * @throws ProblemException 409; nothing was changed, and what was written before in this
   *     transaction stands
   */
  @Transactional(propagation = Propagation.MANDATORY, noRollbackFor = ProblemException.class)
  Written write(Run run, BatchWrite write, Rewards rewards) {
    byte[] digest = rewards.digest(write.step());
    InForce present =
        jdbc.sql(IN_FORCE)
            .params(run.run(), write.epoch(), write.key())
            .query((row, _) -> new InForce(row.getLong(1), row.getBytes(2)))
            .optional()
            .orElse(null);
    if (present != null && java.util.Arrays.equals(present.digest, digest)) {
      return written(run, write, rewards, Written.Outcome.UNCHANGED);
    }
    if (present != null && !write.replaces()) {
      throw write.isWhole() ? epochExists(write) : batchExists(write);
    }
    if (present == null
        && jdbc.sql(OTHER_FORM)
            .params(run.run(), write.epoch(), write.isWhole())
            .query(Boolean.class)
            .single()) {
      throw epochHasBatches(write);
    }
    long revision = run.nextRevision();
    if (present != null) {
      end(run, present.revision, revision, "replaced");
    }
    template.update(
        APPEND,
        run.run(),
        revision,
        write.epoch(),
        write.key(),
        run.attempt(),
        write.step(),
        rewards.samples(),
        rewards.values().length,
        digest,
        RewardCodec.pack(rewards));
    return written(
        run, write, rewards, present == null ? Written.Outcome.ADDED : Written.Outcome.REPLACED);
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
    return rows(TAIL, run, after, through, PAGE);
  }

  /** The next rows of an epoch after a revision, of those that were in force at another. */
  List<Row> epoch(String run, int epoch, long after, long at) {
    return rows(EPOCH, run, epoch, after, at, at, PAGE);
  }

  /** The epochs that lost a batch after one revision and up to another, which the first one had. */
  Set<Integer> epochsThatLost(String run, long after, long through) {
    return new TreeSet<>(
        jdbc.sql(ENDED_SINCE).params(run, after, through, after).query(Integer.class).list());
  }

  private List<Row> rows(String sql, Object... parameters) {
    List<Row> rows = new ArrayList<>();
    template.query(
        sql,
        (ResultSet row) -> {
          rows.add(
              new Row(
                  row.getLong("revision"),
                  row.getInt("epoch"),
                  row.getString("batch"),
                  (Long) row.getObject("ended_at"),
                  row.getBytes("packed")));
        },
        parameters);
    return rows;
  }

  private static Written written(
      Run run, BatchWrite write, Rewards rewards, Written.Outcome outcome) {
    return new Written(
        run.run(),
        write.epoch(),
        write.key(),
        rewards.samples(),
        rewards.values().length,
        run.revision(),
        outcome.code());
  }

  private static ProblemException epochExists(BatchWrite write) {
    return new ProblemException(
        ProblemType.EPOCH_EXISTS,
        "Epoch "
            + write.epoch()
            + " was sent whole with other content: name a batch, as in step-5-rank-3, or begin an attempt,"
            + " or say replace=true");
  }

  private static ProblemException batchExists(BatchWrite write) {
    return new ProblemException(
        ProblemType.BATCH_EXISTS,
        "Batch "
            + write.key()
            + " of epoch "
            + write.epoch()
            + " was sent with other content: name a batch, as in step-5-rank-3, or begin an attempt,"
            + " or say replace=true");
  }

  private static ProblemException epochHasBatches(BatchWrite write) {
    return new ProblemException(
        ProblemType.EPOCH_HAS_BATCHES,
        write.isWhole()
            ? "Epoch " + write.epoch() + " has batches: send the rest in parts, or take them back"
            : "Epoch " + write.epoch() + " was sent whole: it takes no parts");
  }
}
