package dev.lim.run;

import java.time.Instant;
import java.util.UUID;

/**
 * A run as it stood at one revision.
 *
 * @param incarnation tells a run from another of the same name that was deleted
 * @param closedEpochs the epochs that were closed by hand, ascending
 */
public record RunState(
    String run,
    UUID incarnation,
    String dataset,
    RunSettings settings,
    int attempt,
    long revision,
    boolean finished,
    Instant createdAt,
    Instant lastWriteAt,
    int[] closedEpochs) {

  public boolean isClosed(int epoch) {
    return java.util.Arrays.binarySearch(closedEpochs, epoch) >= 0;
  }
}
