package dev.lim.reference;

import dev.lim.reference.Reference.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a run is after a sequence of operations, by the contract's words: each operation answers
 * what the service has to answer, an outcome or the name of a problem.
 */
public final class ReferenceRun {

  /** A run's settings; null where the default is another setting, or there is none. */
  public record Settings(
      String reward,
      @Nullable Float correctAt,
      float rewardMax,
      String missing,
      @Nullable Integer batchesPerEpoch) {

    public static final Settings DEFAULT = new Settings("mean", null, 1, "backfill", null);
  }

  private final List<Batch> inForce = new ArrayList<>();
  private final Set<Integer> closed = new TreeSet<>();
  private final Map<Integer, String> begun = new TreeMap<>(Map.of(1, "null null 0"));
  private Settings settings = Settings.DEFAULT;
  private int attempt = 1;
  private long revision;
  private boolean finished;

  /** In the order of their revisions. */
  public List<Batch> inForce() {
    return inForce;
  }

  public Settings settings() {
    return settings;
  }

  public int attempt() {
    return attempt;
  }

  public long revision() {
    return revision;
  }

  public boolean finished() {
    return finished;
  }

  /** The epochs with rewards in force that are complete. */
  public Set<Integer> complete() {
    Set<Integer> complete = new TreeSet<>();
    int latest = inForce.stream().mapToInt(Batch::epoch).max().orElse(0);
    for (Batch batch : inForce) {
      int epoch = batch.epoch();
      long batches = inForce.stream().filter(b -> b.epoch() == epoch).count();
      Integer wanted = settings.batchesPerEpoch;
      if (batch.isWhole()
          || closed.contains(epoch)
          || wanted != null && batches >= wanted
          || epoch < latest
          || finished) {
        complete.add(epoch);
      }
    }
    return complete;
  }

  /** PUT of a batch, POST of a whole epoch (key {@code epoch}), a line of a stream. */
  public String write(Batch batch, boolean replace, int asAttempt) {
    String refusal = refusal(asAttempt);
    if (refusal != null) {
      return refusal;
    }
    Predicate<Batch> sameKey = b -> b.epoch() == batch.epoch() && b.key().equals(batch.key());
    Batch present = inForce.stream().filter(sameKey).findFirst().orElse(null);
    if (present == null) {
      if (inForce.stream()
          .anyMatch(b -> b.epoch() == batch.epoch() && b.isWhole() != batch.isWhole())) {
        return "epoch-has-batches";
      }
      inForce.add(batch);
      revision++;
      return "added";
    }
    if (present.equals(batch)) {
      return "unchanged";
    }
    if (!replace) {
      return batch.isWhole() ? "epoch-exists" : "batch-exists";
    }
    inForce.remove(present);
    inForce.add(batch);
    revision++;
    return "replaced";
  }

  public String delete(int epoch, String key, int asAttempt) {
    String refusal = refusal(asAttempt);
    if (refusal != null) {
      return refusal;
    }
    if (!inForce.removeIf(b -> b.epoch() == epoch && b.key().equals(key))) {
      return "batch-not-found";
    }
    closed.remove(epoch);
    revision++;
    return "deleted";
  }

  public String complete(int epoch, int asAttempt) {
    String refusal = refusal(asAttempt);
    if (refusal != null) {
      return refusal;
    }
    if (inForce.stream().noneMatch(b -> b.epoch() == epoch)) {
      return "invalid-content";
    }
    if (closed.add(epoch)) {
      revision++;
    }
    return "run";
  }

  public String finish(int asAttempt) {
    if (asAttempt != attempt) {
      return "stale-attempt";
    }
    if (!finished) {
      finished = true;
      revision++;
    }
    return "run";
  }

  /** The number of discarded batches, or a problem. */
  public String begin(int next, @Nullable Long afterStep, @Nullable Integer afterEpoch) {
    String point = afterStep + " " + afterEpoch;
    if (next == attempt) {
      String before = begun.get(next);
      return before.startsWith(point + " ")
          ? before.substring(point.length() + 1)
          : "attempt-differs";
    }
    if (next != attempt + 1) {
      return "stale-attempt";
    }
    if (afterStep != null && inForce.stream().anyMatch(b -> b.step() == null)) {
      return "invalid-content";
    }
    attempt = next;
    finished = false;
    revision++;
    List<Batch> discarded =
        inForce.stream()
            .filter(b ->
                afterStep != null && b.step() > afterStep
                    || afterEpoch != null && b.epoch() > afterEpoch)
            .toList();
    inForce.removeAll(discarded);
    discarded.forEach(b -> closed.remove(b.epoch()));
    if (afterEpoch != null) {
      closed.removeIf(epoch -> epoch > afterEpoch);
    }
    begun.put(next, point + " " + discarded.size());
    return "" + discarded.size();
  }

  public void patch(Settings changed) {
    if (!changed.equals(settings)) {
      settings = changed;
      revision++;
    }
  }

  private @Nullable String refusal(int asAttempt) {
    return asAttempt != attempt ? "stale-attempt" : finished ? "run-finished" : null;
  }
}
