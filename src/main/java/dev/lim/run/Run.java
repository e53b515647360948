package dev.lim.run;

import dev.lim.scoring.MissingRule;
import dev.lim.web.ProblemException;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A run's row, held for a change. Lives within one transaction. */
@Entity
@Table(name = "run")
@DynamicUpdate
public class Run {

  @Id private String run = "";
  private UUID incarnation = new UUID(0, 0);
  private String dataset = "";
  private String reward = "";
  private @Nullable Float correctAt;
  private float rewardMax;
  private String missing = "";
  private @Nullable Integer batchesPerEpoch;
  private boolean closedDataset;

  // as JSON by SQL: Hibernate's own JSON type would write a String quoted
  @ColumnTransformer(write = "?::json")
  private String createdWith = "";

  @JdbcTypeCode(SqlTypes.JSON)
  private Map<String, String> tags = Map.of();

  private int attempt;
  private long revision;
  private boolean finished;
  private Instant createdAt = Instant.EPOCH;
  private Instant lastWriteAt = Instant.EPOCH;
  private @Nullable Instant deletedAt;

  protected Run() {}

  public String run() {
    return run;
  }

  /** Tells a run from another of the same name that was deleted. */
  public UUID incarnation() {
    return incarnation;
  }

  public String dataset() {
    return dataset;
  }

  public boolean closedDataset() {
    return closedDataset;
  }

  public int attempt() {
    return attempt;
  }

  public long revision() {
    return revision;
  }

  /** Counts the revision up for one change, and answers it. */
  public long nextRevision() {
    lastWriteAt = Instant.now();
    return ++revision;
  }

  /** Begins another attempt; a finished run runs again. */
  public void beginAttempt(int next) {
    attempt = next;
    finished = false;
  }

  boolean finished() {
    return finished;
  }

  void finish() {
    finished = true;
  }

  boolean deleted() {
    return deletedAt != null;
  }

  void delete() {
    deletedAt = Instant.now();
  }

  /** A deleted run's row becomes that of a new one. */
  void begin(String ofDataset, RunSettings settings) {
    incarnation = UUID.randomUUID();
    dataset = ofDataset;
    createdWith = settings.canonical(ofDataset);
    read(settings);
    attempt = 1;
    revision = 0;
    finished = false;
    createdAt = Instant.now();
    lastWriteAt = createdAt;
    deletedAt = null;
  }

  boolean wasCreatedWith(String ofDataset, RunSettings settings) {
    return createdWith.equals(settings.canonical(ofDataset));
  }

  RunSettings settings() {
    return new RunSettings(
        RewardKind.of(reward).orElseThrow(),
        correctAt,
        rewardMax,
        MissingRule.of(missing).orElseThrow(),
        batchesPerEpoch,
        closedDataset,
        tags);
  }

  void read(RunSettings settings) {
    reward = settings.reward().code();
    correctAt = settings.correctAt();
    rewardMax = settings.rewardMax();
    missing = settings.missing().code();
    batchesPerEpoch = settings.batchesPerEpoch();
    closedDataset = settings.closedDataset();
    if (!tags.equals(settings.tags())) {
      tags = settings.tags();
    }
  }

  /**
   * Refuses a write that comes from another attempt than the current one, or to a finished run.
   *
   * @throws ProblemException 409
   */
  public void requireOpen(int ofAttempt) {
    Attempt.requireOpen(run, attempt, finished, ofAttempt);
  }

  void requireCurrent(int ofAttempt) {
    Attempt.requireCurrent(run, attempt, ofAttempt);
  }
}
