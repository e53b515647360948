package dev.lim.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What durable ingest is measured against: {@code psql \copy} of text into a plain table, a commit
 * per 8,192 rewards, on the service's own PostgreSQL, in turn with the service in one run. Prints
 * the ratios, and what a reward costs on disk in both. Needs a JDK and {@code psql}:
 *
 * <pre>PGPASSWORD=... java src/bench/java/dev/lim/bench/CopyBaseline.java \
 *   postgresql://lim@127.0.0.1:5432/lim url=http://127.0.0.1:8080</pre>
 *
 * <p>The words after the database's address are the {@link Options} of the load.
 */
final class CopyBaseline {

  private static final int ROUNDS = 5;
  private static final int WARM_UPS = 3;
  private static final int COPIES = 400;

  private final String database;
  private final String[] load;

  private CopyBaseline(String database, String[] load) {
    this.database = database;
    this.load = load;
  }

  static void main(String... words) throws Exception {
    if (words.length == 0 || !words[0].startsWith("postgres")) {
      System.out.print(
          "PGPASSWORD=... java CopyBaseline.java postgresql://user@host:port/database"
              + " [option=...]\n"
              + Options.USAGE);
      return;
    }
    CopyBaseline baseline = new CopyBaseline(words[0], Arrays.copyOfRange(words, 1, words.length));
    baseline.compare();
    baseline.disk("binary");
    baseline.disk("float");
  }

  private void compare() throws Exception {
    double[] one = new double[ROUNDS];
    double[] eight = new double[ROUNDS];
    // The service's JVM compiles what it does often, for longer than one would think.
    for (int i = 0; i < WARM_UPS; i++) {
      load(8, ROUNDS + i);
      load(1, ROUNDS + i);
    }
    for (int round = 0; round < ROUNDS; round++) {
      double copy = copy();
      double with8 = load(8, round);
      double with1 = load(1, round);
      one[round] = with1 / copy;
      eight[round] = with8 / copy;
      System.out.printf(
          Locale.ROOT,
          "round %d: psql \\copy %,.0f rewards/s; 8 writers %,.0f (x%.2f); 1 writer %,.0f"
              + " (x%.2f)%n",
          round + 1,
          copy,
          with8,
          eight[round],
          with1,
          one[round]);
    }
    Arrays.sort(one);
    Arrays.sort(eight);
    System.out.printf(
        Locale.ROOT,
        "median: 8 writers x%.2f, 1 writer x%.2f of psql \\copy%n",
        eight[ROUNDS / 2],
        one[ROUNDS / 2]);
  }

  private double load(int writers, int round) throws Exception {
    Options options = options("writers=" + writers, "run=copy-" + stamp() + round + writers);
    return LoadGenerator.measure(options, new Workload(options)).rewardsPerSecond();
  }

  private Options options(String... more) {
    String[] words = Arrays.copyOf(load, load.length + more.length);
    System.arraycopy(more, 0, words, load.length, more.length);
    return Options.of(words);
  }

  private static String stamp() {
    return Long.toString(System.currentTimeMillis(), 36) + "-";
  }

  /** Rewards a second. */
  private double copy() throws Exception {
    int batch = options().batch();
    Path rows = Files.createTempFile("rewards", ".txt");
    Path script = Files.createTempFile("copy", ".sql");
    try {
      Files.writeString(rows, rows(batch, options().rollouts()));
      Files.writeString(script, ("\\copy copied from '" + rows + "'\n").repeat(COPIES));
      psql(
          "-c",
          "drop table if exists copied",
          "-c",
          "create table copied (run int, epoch int, sample int, rollout int, reward real)");
      long start = System.nanoTime();
      psql("-f", script.toString());
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "psql \\copy: %.1f bytes a reward on disk%n",
          Double.parseDouble(psql("-c", "select pg_total_relation_size('copied')"))
              / ((double) COPIES * batch));
      psql("-c", "drop table copied");
      return COPIES * batch / seconds;
    } finally {
      Files.delete(rows);
      Files.delete(script);
    }
  }

  private static String rows(int batch, int rollouts) {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < batch; i++) {
      rows.append("1\t1\t").append(i / rollouts).append('\t').append(i % rollouts).append('\t');
      rows.append(random.nextInt(2)).append('\n');
    }
    return rows.toString();
  }

  /** What a load's rewards add to the log, its indices included. */
  private void disk(String values) throws Exception {
    Options options =
        options("writers=4", "seconds=5", "values=" + values, "run=disk-" + values + stamp());
    String size =
        "select pg_total_relation_size('reward_batch'), (select coalesce(sum(rollouts), 0) from"
            + " reward_batch)";
    String[] before = psql("-c", "vacuum reward_batch", "-c", size).split("\\|");
    LoadGenerator.measure(options, new Workload(options));
    String[] after = psql("-c", "vacuum reward_batch", "-c", size).split("\\|");
    System.out.printf(
        Locale.ROOT,
        "%s rewards: %.2f bytes a reward on disk, with indices%n",
        values,
        (Double.parseDouble(after[0]) - Double.parseDouble(before[0]))
            / (Double.parseDouble(after[1]) - Double.parseDouble(before[1])));
  }

  private String psql(String... words) throws IOException, InterruptedException {
    Process psql = new ProcessBuilder(command(words)).redirectErrorStream(true).start();
    String said = new String(psql.getInputStream().readAllBytes()).strip();
    if (psql.waitFor() != 0) {
      throw new IOException(said);
    }
    return said;
  }

  private List<String> command(String... words) {
    String[] command = {"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database};
    String[] whole = Arrays.copyOf(command, command.length + words.length);
    System.arraycopy(words, 0, whole, command.length, words.length);
    return List.of(whole);
  }
}
