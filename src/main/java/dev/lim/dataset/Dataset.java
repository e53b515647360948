package dev.lim.dataset;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A set of prompts that runs are trained on. */
@Entity
@Table(name = "dataset")
class Dataset {

  @Id private String dataset = "";
  private int samples;
  private long revision;
  private @Nullable Instant createdAt;

  protected Dataset() {}

  String dataset() {
    return dataset;
  }

  /** How many samples have an ordinal. */
  int samples() {
    return samples;
  }

  /** Counts committed changes of records. */
  long revision() {
    return revision;
  }

  @Nullable Instant createdAt() {
    return createdAt;
  }
}
