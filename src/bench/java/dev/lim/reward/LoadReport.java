package dev.lim.reward;

import dev.lim.LimServer;
import dev.lim.run.RewardKind;
import java.io.BufferedReader;
import java.lang.ref.Reference;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import javax.sql.DataSource;
import org.postgresql.PGStatement;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How long the first answer of a large run takes after a restart, beside reading its packed rows
 * through JDBC and doing nothing with them. Each is done by a JVM of its own, just started, on the
 * same embedded PostgreSQL. The clock runs from when the service is ready, and from some seconds
 * later; for a run that was written to lately, which the service reads ahead, and for one that was
 * not. Parts of the latter's answer are told by one that asks for the limits, which is what the
 * first request of a process costs whatever it asks for, and by one that asks for the run, which
 * reads and folds the log but scores nothing. And how many bytes the run's matrix takes.
 *
 * <pre>LoadReport DIRECTORY [samples epochs rollouts batch rounds]</pre>
 *
 * The directory is where the databases are kept, one for each kind of rewards; it may be used
 * again.
 */
final class LoadReport {

  private static final List<String> KINDS = List.of("binary", "float");

  /** When the run was last written to, as the next JVM finds it, and what is asked of it then. */
  private enum LastWrite {
    LONG_AGO("2000-01-01", "read", "first", "run", "answer", "later"),
    LATELY("now", "answer", "later");

    private final String at;
    private final List<String> asked;

    LastWrite(String at, String... asked) {
      this.at = at;
      this.asked = List.of(asked);
    }
  }

  /** How long after the service is ready {@code later} asks. */
  private static final long LATER = 5_000;

  private LoadReport() {}

  public static void main(String... words) throws Exception {
    if (words[0].equals("child")) {
      child(words[1], words[2], words[3], numbers(words, 4));
      return;
    }
    int[] numbers = numbers(words, 1);
    int rounds = numbers[4];
    System.out.printf(
        Locale.ROOT,
        "%,d samples x %,d epochs x %d rewards, %,d samples a batch; milliseconds%n",
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3]);
    for (String kind : KINDS) {
      String directory = words[0] + "/" + kind;
      spawn("fill", kind, directory, words);
      Map<String, List<Long>> times = new LinkedHashMap<>();
      for (int round = 0; round < rounds; round++) {
        for (LastWrite last : LastWrite.values()) {
          spawn(last.name(), kind, directory, words);
          for (String what : last.asked) {
            times
                .computeIfAbsent(
                    what + (last == LastWrite.LATELY ? ", read ahead" : ""), _ -> new ArrayList<>())
                .add(spawn(what, kind, directory, words));
          }
        }
      }
      spawn(LastWrite.LONG_AGO.name(), kind, directory, words);
      long read = median(times.getOrDefault("read", List.of()));
      times.forEach((what, all) ->
          System.out.printf(
              Locale.ROOT,
              "%s: %s %,d (%s), %.2f times the read%n",
              kind,
              what,
              median(all),
              all,
              (double) median(all) / read));
      System.out.printf(
          Locale.ROOT,
          "%s: %.2f bytes a cell%n",
          kind,
          spawn("hold", kind, directory, words) / ((double) numbers[0] * numbers[1]));
    }
  }

  private static int[] numbers(String[] words, int from) {
    int[] numbers = {125_000, 100, 8, 1024, 3};
    for (int i = from; i < words.length; i++) {
      numbers[i - from] = Integer.parseInt(words[i]);
    }
    return numbers;
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
  }

  private static long spawn(String what, String kind, String directory, String... words)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                LoadReport.class.getName(),
                "child",
                what,
                kind,
                directory));
    command.addAll(Arrays.asList(words).subList(1, words.length));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    long result = -1;
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        if (line.startsWith("result ")) {
          result = Long.parseLong(line.substring(7));
        }
      }
    }
    if (process.waitFor() != 0 || result < 0) {
      throw new IllegalStateException(what + " failed:\n" + said);
    }
    return result;
  }

  private static void child(String what, String kind, String directory, int[] numbers)
      throws Exception {
    try (ConfigurableApplicationContext service =
        SpringApplication.run(LimServer.class, "--server.port=0", "--lim.data-dir=" + directory)) {
      URI run =
          URI.create(
              "http://127.0.0.1:"
                  + service.getEnvironment().getProperty("local.server.port")
                  + "/api/v1/runs/load");
      if (what.equals("later")) {
        Thread.sleep(LATER);
      }
      long start = System.nanoTime();
      switch (what) {
        case "fill" -> fill(service.getBean(JdbcTemplate.class), run, kind, numbers);
        case "read" -> read(service.getBean(DataSource.class));
        case "hold" -> {
          System.out.println("result " + held(service.getBean(RewardMatrices.class)));
          return;
        }
        case "first" -> ask(run.resolve("/api/v1/limits"));
        case "run" -> ask(run);
        case "answer", "later" -> ask(URI.create(run + "/scores?limit=1"));
        default ->
            service
                .getBean(JdbcTemplate.class)
                .update(
                    "update run set last_write_at = ?::timestamptz", LastWrite.valueOf(what).at);
      }
      System.out.println("result " + (System.nanoTime() - start) / 1_000_000);
    }
  }

  /** Bytes of heap that a matrix takes, its float32 columns included. */
  private static long held(RewardMatrices matrices) {
    long before = used();
    RewardMatrix matrix = matrices.read("load").matrix();
    matrix.columns().values().forEach(column -> column.rewards(RewardKind.MEAN));
    long held = used() - before;
    Reference.reachabilityFence(matrix);
    return held;
  }

  private static long used() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  private static void send(String method, URI uri) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri)
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException(answer.body());
      }
    }
  }

  /** By a socket alone: a client that is new to its process would cost more than the service. */
  private static void ask(URI uri) throws Exception {
    String path = uri.getQuery() == null ? uri.getPath() : uri.getPath() + "?" + uri.getQuery();
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(path, uri.getAuthority())
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.1 200")) {
        throw new IllegalStateException(answer);
      }
    }
  }

  private static void read(DataSource pool) throws Exception {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement query =
          connection.prepareStatement(
              "select packed from reward_batch where run = 'load' order by revision")) {
        query.setFetchSize(256);
        query.unwrap(PGStatement.class).setPrepareThreshold(-1);
        long bytes = 0;
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            bytes += rows.getBytes(1).length;
          }
        }
        System.out.println("bytes " + bytes);
      }
    }
  }

  private static void fill(JdbcTemplate jdbc, URI run, String kind, int[] numbers)
      throws Exception {
    int samples = numbers[0];
    int epochs = numbers[1];
    int rollouts = numbers[2];
    int batch = numbers[3];
    send("PUT", run);
    List<Long> revisions =
        jdbc.queryForList("select revision from run where run = 'load'", Long.class);
    if (revisions.getFirst() > 0) {
      return;
    }
    jdbc.update(
        "insert into sample (dataset, ordinal, sample_id) select 'load', i, 'prompt-' ||"
            + " lpad(i::text, 7, '0') from generate_series(0, ? - 1) i",
        samples);
    jdbc.update("update dataset set samples = ? where dataset = 'load'", samples);
    SplittableRandom random = new SplittableRandom(1);
    long revision = 0;
    List<Object[]> rows = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      for (int first = 0; first < samples; first += batch) {
        int n = Math.min(batch, samples - first);
        int begin = first;
        int[] ordinals = new int[n];
        Arrays.setAll(ordinals, i -> begin + i);
        int[] each = new int[n];
        Arrays.fill(each, rollouts);
        float[] values = new float[n * rollouts];
        for (int v = 0; v < values.length; v++) {
          values[v] = kind.equals("binary") ? random.nextInt(2) : (float) random.nextDouble();
        }
        Rewards rewards = new Rewards(ordinals, each, values);
        rows.add(
            new Object[] {
              ++revision,
              epoch,
              "part-" + first,
              n,
              values.length,
              rewards.digest(null),
              RewardCodec.pack(rewards)
            });
        if (rows.size() == 64) {
          insert(jdbc, rows);
        }
      }
    }
    insert(jdbc, rows);
    jdbc.update("update run set revision = ? where run = 'load'", revision);
    jdbc.execute("vacuum analyze reward_batch");
  }

  private static void insert(JdbcTemplate jdbc, List<Object[]> rows) {
    jdbc.batchUpdate(
        "insert into reward_batch (run, revision, epoch, batch, attempt, samples, rollouts, digest,"
            + " packed, written_at) values ('load', ?, ?, ?, 1, ?, ?, ?, ?, now())",
        rows);
    rows.clear();
  }
}
