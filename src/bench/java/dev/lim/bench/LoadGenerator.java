package dev.lim.bench;

import dev.lim.bench.Connection.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Loads a service with rewards from many writers, measures it, and holds what it counts and scores
 * against what it acknowledged. Needs nothing but a JDK:
 *
 * <pre>java src/bench/java/dev/lim/bench/LoadGenerator.java writers=8 seconds=10 half=true</pre>
 */
final class LoadGenerator {

  private static final Pattern EPOCH =
      Pattern.compile("\"epoch\":(\\d+),\"batches\":(\\d+),\"samples\":(\\d+),\"rollouts\":(\\d+)");
  private static final Set<String> ADDED = Set.of("added");
  private static final Set<String> UNCHANGED = Set.of("unchanged");

  /** What became of a batch that was sent before, perhaps in vain. */
  private static final Set<String> ADDED_OR_UNCHANGED = Set.of("added", "unchanged");

  private static final double TOLERANCE = 1e-6;

  private final Options options;
  private final Workload workload;
  private final List<Load> loads = new ArrayList<>();

  private LoadGenerator(Options options, Workload workload) {
    this.options = options;
    this.workload = workload;
    for (int i = 0; i < options.runs(); i++) {
      loads.add(new Load(options.stem() + "-" + i));
    }
  }

  /** What was measured; latencies in milliseconds, of a batch or of a stream. */
  record Figures(
      double rewardsPerSecond,
      double batchesPerSecond,
      double p50,
      double p99,
      double worst,
      long resumed,
      long refused) {

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,.0f rewards/s, %,.0f batches/s, p50 %.1f ms, p99 %.1f ms, max %.1f ms; resumed %d,"
              + " told to wait %d",
          rewardsPerSecond,
          batchesPerSecond,
          p50,
          p99,
          worst,
          resumed,
          refused);
    }
  }

  /** A run, the next batch to send, and those that were acknowledged. */
  private static final class Load {

    private final String run;
    private final AtomicLong next = new AtomicLong();
    private final BitSet acknowledged = new BitSet();

    Load(String run) {
      this.run = run;
    }

    synchronized void acknowledge(long from, long to) {
      acknowledged.set((int) from, (int) to);
    }
  }

  static void main(String... words) throws Exception {
    if (Arrays.asList(words).contains("help")) {
      System.out.print(Options.USAGE);
      return;
    }
    Options options = Options.of(words);
    Workload workload = new Workload(options);
    System.out.println(workload);
    Figures peak = measure(options, workload);
    System.out.println("peak: " + peak);
    if (options.half()) {
      System.out.println("half: " + measure(options.at(peak.rewardsPerSecond() / 2), workload));
    }
  }

  /**
   * Loads the service, and checks what it then holds.
   *
   * @throws IllegalStateException where that is not what it acknowledged
   */
  static Figures measure(Options options, Workload workload) throws Exception {
    LoadGenerator generator = new LoadGenerator(options, workload);
    Figures figures = generator.load();
    generator.check();
    return figures;
  }

  private Figures load() throws InterruptedException {
    long start = System.nanoTime() + (long) (options.warmup() * 1e9);
    long end = start + (long) (options.seconds() * 1e9);
    List<Writer> writers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < options.writers(); i++) {
      Writer writer = new Writer(loads.get(i % loads.size()), i, start, end);
      writers.add(writer);
      threads.add(Thread.ofPlatform().name("writer " + i).start(writer));
    }
    while (options.kills() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos((long) (1e9 / options.kills()));
      writers.get(ThreadLocalRandom.current().nextInt(writers.size())).kill();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Writer writer : writers) {
      if (writer.failure != null) {
        throw new IllegalStateException(writer.failure);
      }
    }
    long batches = writers.stream().mapToLong(w -> w.batches).sum();
    long[] nanos =
        writers.stream().flatMapToLong(w -> LongStream.of(w.latencies())).sorted().toArray();
    return new Figures(
        batches * options.batch() / options.seconds(),
        batches / options.seconds(),
        milliseconds(nanos, 0.5),
        milliseconds(nanos, 0.99),
        milliseconds(nanos, 1),
        writers.stream().mapToLong(w -> w.resumed).sum(),
        writers.stream().mapToLong(w -> w.refused).sum());
  }

  private static double milliseconds(long[] sorted, double quantile) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, (long) (quantile * sorted.length))] / 1e6;
  }

  /** Sends batches of one run, one request at a time, each until it is acknowledged. */
  private final class Writer implements Runnable {

    private final Load load;
    private final int number;
    private final long start;
    private final long end;
    private volatile Connection connection;
    private volatile Throwable failure;
    private long[] nanos = new long[1 << 12];
    private int measured;
    private long batches;
    private long resumed;
    private long refused;
    private long previous = -1;

    Writer(Load load, int number, long start, long end) {
      this.load = load;
      this.number = number;
      this.start = start;
      this.end = end;
    }

    void kill() {
      Connection present = connection;
      if (present != null) {
        present.close();
      }
    }

    long[] latencies() {
      return Arrays.copyOf(nanos, measured);
    }

    @Override
    public void run() {
      int together = options.ndjson() ? options.lines() : 1;
      double pace =
          options.rate() == 0
              ? 0
              : 1e9 * together * options.batch() * options.writers() / options.rate();
      long first = System.nanoTime() + (long) (pace * number / options.writers());
      try {
        for (long i = 0; ; i++) {
          long due = options.rate() == 0 ? System.nanoTime() : first + (long) (pace * i);
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
          }
          if (due >= end) {
            return;
          }
          long n = load.next.getAndAdd(together);
          deliver(n, n + together);
          long now = System.nanoTime();
          if (due >= start && now <= end) {
            measured(now - due);
            batches += together;
          }
        }
      } catch (Throwable e) {
        failure = e;
      } finally {
        kill();
      }
    }

    private void measured(long latency) {
      if (measured == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * measured);
      }
      nanos[measured++] = latency;
    }

    /** Sends until it is acknowledged, whatever happens to connections and to the service. */
    private void deliver(long from, long to) throws InterruptedException {
      long givingUp = System.nanoTime() + 30_000_000_000L;
      for (boolean again = false; ; ) {
        try {
          if (again && previous >= 0) {
            // As a trainer that has lost count: what was acknowledged must be known.
            require(send(previous, previous + to - from), to - from, UNCHANGED);
          }
          Answer answer = send(from, to);
          if (answer.status() == 503 || answer.status() == 429) {
            if (answer.retryAfter() < 0) {
              throw new IllegalStateException("No Retry-After: " + answer);
            }
            refused++;
            Thread.sleep(100);
            continue;
          }
          require(answer, to - from, again ? ADDED_OR_UNCHANGED : ADDED);
          load.acknowledge(from, to);
          previous = from;
          return;
        } catch (IOException e) {
          if (System.nanoTime() > givingUp) {
            throw new IllegalStateException("Not acknowledged for half a minute", e);
          }
          kill();
          connection = null;
          again = true;
          resumed++;
          Thread.sleep(20);
        }
      }
    }

    private Answer send(long from, long to) throws IOException {
      Connection present = connection == null ? new Connection(options.service()) : connection;
      connection = present;
      String zip = options.gzip() ? "Content-Encoding: gzip\r\n" : "";
      Answer answer =
          options.ndjson()
              ? present.send(
                  "POST",
                  "/runs/" + load.run + "/rewards",
                  "Content-Type: application/x-ndjson\r\n" + zip,
                  workload.lines(from, to))
              : present.send(
                  "PUT",
                  workload.path(load.run, from),
                  "Content-Type: application/json\r\n" + zip,
                  workload.body(from));
      if (answer.last()) {
        present.close();
        connection = null;
      }
      return answer;
    }

    private void require(Answer answer, long sent, Set<String> outcomes) {
      boolean right =
          answer.status() / 100 == 2
              && (options.ndjson()
                  ? sent == outcomes.stream().mapToLong(o -> Long.parseLong(answer.field(o))).sum()
                  : outcomes.contains(answer.field("outcome")));
      if (!right) {
        throw new IllegalStateException("Wanted " + sent + " " + outcomes + ": " + answer);
      }
    }
  }

  private void check() throws IOException {
    for (Load load : loads) {
      try (Connection connection = new Connection(options.service())) {
        checkCounts(load, connection.get("/runs/" + load.run).body());
        checkScores(load, connection);
      }
    }
  }

  private void checkCounts(Load load, String run) {
    long[] batches = new long[workload.epoch(load.acknowledged.length()) + 1];
    load.acknowledged.stream().forEach(n -> batches[workload.epoch(n)]++);
    long counted = 0;
    for (Matcher epoch = EPOCH.matcher(run); epoch.find(); ) {
      int k = Integer.parseInt(epoch.group(1));
      require(load, "batches of epoch " + k, batches[k], Long.parseLong(epoch.group(2)));
      require(
          load,
          "rollouts of epoch " + k,
          batches[k] * options.batch(),
          Long.parseLong(epoch.group(4)));
      counted += batches[k];
    }
    require(load, "batches", load.acknowledged.cardinality(), counted);
  }

  private void checkScores(Load load, Connection connection) throws IOException {
    Map<String, Double> expected = workload.scores(load.acknowledged);
    Answer subset =
        connection.get(
            "/runs/"
                + load.run
                + "/subset?format=csv&fraction=1&missing=observed&through="
                + workload.epoch(load.acknowledged.length() - 1));
    List<String> lines = subset.body().lines().skip(1).toList();
    require(load, "scored samples", expected.size(), lines.size());
    for (String line : lines) {
      String[] fields = line.split(",");
      double score = Double.parseDouble(fields[2]);
      double wanted = expected.getOrDefault(fields[1], Double.NaN);
      if (!(Math.abs(score - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted)))) {
        throw new IllegalStateException(
            "%s: the score of %s is %s, not %s".formatted(load.run, fields[1], score, wanted));
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %,d batches acknowledged, and all counted once; %,d scores equal%n",
        load.run,
        load.acknowledged.cardinality(),
        lines.size());
  }

  private static void require(Load load, String what, long wanted, long found) {
    if (wanted != found) {
      throw new IllegalStateException(
          "%s: %,d %s acknowledged, %,d found".formatted(load.run, wanted, what, found));
    }
  }
}
