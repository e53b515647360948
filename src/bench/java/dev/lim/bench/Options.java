package dev.lim.bench;

import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the load looks like, from words such as {@code writers=8}.
 *
 * @param service where it listens
 * @param stem the runs are called {@code <stem>-0}, {@code <stem>-1}, ...; they must be new
 * @param writers connections; they are dealt to the runs in turn
 * @param batch rewards a batch
 * @param rollouts rewards a sample in a batch
 * @param slots batches that make an epoch whole
 * @param ndjson whether batches are streamed as lines
 * @param lines batches a stream
 * @param binary whether rewards are 0 or 1, or any float
 * @param rate rewards a second in all, sent at a steady pace; 0: as fast as answers come
 * @param half whether to send at half of the peak rate afterwards
 * @param kills writers killed a second
 */
record Options(
    URI service,
    String stem,
    int runs,
    int writers,
    int batch,
    int rollouts,
    int slots,
    boolean ndjson,
    int lines,
    boolean gzip,
    boolean binary,
    double warmup,
    double seconds,
    double rate,
    boolean half,
    double kills,
    long seed) {

  static final String USAGE =
      """
      Sends rewards to a LIM Server that listens, and checks at the end that it counts and scores exactly
      what it acknowledged. Options, with their defaults:
        url=http://127.0.0.1:8080  the service
        run=load-<time>            new runs are called <run>-0, <run>-1, ...
        runs=1 writers=8           writers are dealt to the runs in turn
        batch=8192 rollouts=8      rewards a batch, rewards a sample in it
        slots=8                    batches an epoch
        form=json                  json: a batch a request; ndjson: lines=64 batches a request
        gzip=false values=binary   binary: 0 or 1; float: any float
        warmup=3 seconds=10        how long; the warm-up is not counted
        rate=0                     rewards a second in all; 0: as fast as answers come
        half=false                 afterwards the same again at half of the rate that was reached
        kill=0                     writers killed a second; each resumes, and sends its last batch again
        seed=1
      """;

  private static final Set<String> NAMES =
      Set.of(
          "url",
          "run",
          "runs",
          "writers",
          "batch",
          "rollouts",
          "slots",
          "form",
          "lines",
          "gzip",
          "values",
          "warmup",
          "seconds",
          "rate",
          "half",
          "kill",
          "seed");

  /**
   * @throws IllegalArgumentException with the usage, where a word is not understood
   */
  static Options of(String... words) {
    Map<String, String> given = new HashMap<>();
    Arrays.stream(words)
        .map(word -> word.split("=", 2))
        .forEach(pair -> given.put(pair[0], pair.length == 2 ? pair[1] : ""));
    Set<String> strange = new TreeSet<>(given.keySet());
    strange.removeAll(NAMES);
    if (!strange.isEmpty()) {
      throw new IllegalArgumentException("Not known: " + strange + "\n" + USAGE);
    }
    return new Options(
        URI.create(given.getOrDefault("url", "http://127.0.0.1:8080")),
        given.getOrDefault("run", "load-" + Long.toString(System.currentTimeMillis(), 36)),
        Integer.parseInt(given.getOrDefault("runs", "1")),
        Integer.parseInt(given.getOrDefault("writers", "8")),
        Integer.parseInt(given.getOrDefault("batch", "8192")),
        Integer.parseInt(given.getOrDefault("rollouts", "8")),
        Integer.parseInt(given.getOrDefault("slots", "8")),
        given.getOrDefault("form", "json").equals("ndjson"),
        Integer.parseInt(given.getOrDefault("lines", "64")),
        Boolean.parseBoolean(given.getOrDefault("gzip", "false")),
        given.getOrDefault("values", "binary").equals("binary"),
        Double.parseDouble(given.getOrDefault("warmup", "3")),
        Double.parseDouble(given.getOrDefault("seconds", "10")),
        Double.parseDouble(given.getOrDefault("rate", "0")),
        Boolean.parseBoolean(given.getOrDefault("half", "false")),
        Double.parseDouble(given.getOrDefault("kill", "0")),
        Long.parseLong(given.getOrDefault("seed", "1")));
  }

  /** The same load on other runs, at this rate. */
  Options at(double otherRate) {
    return new Options(
        service,
        stem + "-half",
        runs,
        writers,
        batch,
        rollouts,
        slots,
        ndjson,
        lines,
        gzip,
        binary,
        warmup,
        seconds,
        otherRate,
        false,
        kills,
        seed);
  }

  int samplesPerBatch() {
    return batch / rollouts;
  }

  int samples() {
    return samplesPerBatch() * slots;
  }
}
