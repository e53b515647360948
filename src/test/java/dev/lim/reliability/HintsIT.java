package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lim.Http;
import dev.lim.TestDatabase;
import dev.lim.reward.RewardMatrices;
import dev.lim.reward.RewardMatrix;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** What one instance learns of another's writes before anybody asks it. */
class HintsIT {

  private static final String LISTENERS =
      "from pg_stat_activity where datname = current_database()"
          + " and application_name = 'lim-server hints'";

  private static final TestDatabase DATABASE = TestDatabase.create();

  /** The revision of each matrix that the reading instance keeps. */
  private static final Map<UUID, Long> KEPT = new ConcurrentHashMap<>();

  private static ConfigurableApplicationContext writing;
  private static ConfigurableApplicationContext reading;
  private static Connection connection;

  private final String run = "hints-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws SQLException {
    String url = DATABASE.url() + "?user=" + DATABASE.user() + "&password=" + DATABASE.password();
    writing = Contexts.start(url);
    reading = Contexts.start(url);
    reading
        .getBean(RewardMatrices.class)
        .onChange((UUID incarnation, float _, @Nullable RewardMatrix present) -> {
          if (present != null) {
            KEPT.put(incarnation, present.revision());
          }
        });
    connection = DATABASE.connect();
  }

  @AfterAll
  static void stop() throws SQLException {
    connection.close();
    reading.close();
    writing.close();
  }

  @BeforeEach
  void readOnce() throws SQLException {
    awaitListeners(2);
    write(run, 1);
    http(reading).get("/runs/" + run + "/scores?missing=observed");
    assertThat(kept(run)).isEqualTo(1);
  }

  @Test
  void aMatrixThatWasReadComesForwardWhenAnotherInstanceHasWritten() throws SQLException {
    String neverRead = run + "-never-read";
    for (int n = 2; n <= 6; n++) {
      write(neverRead, n);
      write(run, n);
      awaitRevision(n);
    }
    http(writing).delete("/runs/" + run + "/epochs/1/batches/b3");
    awaitRevision(7);
    assertThat(kept(neverRead)).as("of a run that nobody reads, nothing is folded").isNull();
  }

  @Test
  void whatNobodyCouldHaveMeantIsPassedOver() throws SQLException {
    for (String payload :
        List.of("''", "'no such run'", "repeat('x', 7999)", "chr(1) || '\"''{}%s\\'")) {
      execute("select pg_notify('lim_run', " + payload + ")");
    }
    execute("select pg_notify('lim_run', '" + run + "')");
    execute("notify lim_run");
    write(run, 2);
    awaitRevision(2);
  }

  @Test
  void whoLostTheConnectionHearsAgain() throws SQLException {
    for (int n = 2; n <= 6; n += 2) {
      execute("select pg_terminate_backend(pid) " + LISTENERS);
      write(run, n);
      awaitRevision(n);
      write(run, n + 1);
      awaitRevision(n + 1);
    }
  }

  @Test
  void whatWasWrittenWhileNobodyListenedIsCaughtUpWith() throws SQLException {
    String name = connection.getCatalog();
    try (Connection other = TestDatabase.shared().connect();
        Statement statement = other.createStatement()) {
      statement.execute("alter database " + name + " allow_connections false");
      try {
        execute("select pg_terminate_backend(pid) " + LISTENERS);
        awaitListeners(0);
        write(run, 2);
      } finally {
        statement.execute("alter database " + name + " allow_connections true");
      }
    }
    awaitRevision(2);
  }

  private static void write(String run, int number) {
    http(writing)
        .put(
            "/runs/" + run + "/epochs/1/batches/b" + number,
            "{\"rewards\":[{\"sample\":\"s%d\",\"values\":[%d]}]}".formatted(number, number % 2));
  }

  private static @Nullable Long kept(String run) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select incarnation from run where run = '" + run + "'")) {
      row.next();
      return KEPT.get(row.getObject(1, UUID.class));
    }
  }

  private void awaitRevision(long revision) {
    await().atMost(Duration.ofSeconds(30)).until(() -> Objects.equals(kept(run), revision));
  }

  private static void awaitListeners(int count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery("select count(*) " + LISTENERS)) {
            row.next();
            return row.getInt(1) == count;
          }
        });
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Http http(ConfigurableApplicationContext service) {
    return new Http(Contexts.port(service));
  }
}
