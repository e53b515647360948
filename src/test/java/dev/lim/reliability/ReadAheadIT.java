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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** What an instance has read of its runs before anybody asks it. */
class ReadAheadIT {

  /** The runs of which a matrix was kept, in the order in which they came. */
  static final class Kept {

    private final List<UUID> incarnations = new CopyOnWriteArrayList<>();

    Kept(RewardMatrices matrices) {
      matrices.onChange(
          (UUID incarnation, float _, @Nullable RewardMatrix _) -> incarnations.add(incarnation));
    }
  }

  private final TestDatabase database = TestDatabase.create();
  private final String url =
      database.url() + "?user=" + database.user() + "&password=" + database.password();

  @Test
  void theRunsThatWereWrittenToLastAreReadTheLatestFirst() throws Exception {
    List<String> scores = new ArrayList<>();
    List<UUID> latest = new ArrayList<>();
    try (ConfigurableApplicationContext first = Contexts.start(url);
        Connection connection = database.connect()) {
      Http http = new Http(Contexts.port(first));
      for (int n = 1; n <= 8; n++) {
        http.post(
            "/runs/run-" + n + "/epochs/1/rewards",
            "{\"rewards\":[{\"sample\":\"a\",\"values\":[%d]},{\"sample\":\"b\",\"values\":[0]}]}"
                .formatted(n % 2));
      }
      http.put("/runs/empty", "{}");
      http.delete("/runs/run-8");
      update(
          connection,
          "update reward_batch set packed = '\\x00' where run = 'run-7'",
          "update run set last_write_at = now() - interval '2 days' where run = 'run-6'");
      for (int n : List.of(5, 4, 3)) {
        scores.add(http.get("/runs/run-" + n + "/scores").text());
        latest.add(incarnation(connection, n));
      }
    }
    try (ConfigurableApplicationContext second = Contexts.startWith(Kept.class, url)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().equals("read-ahead")));
      assertThat(second.getBean(Kept.class).incarnations)
          .as("four runs: one that cannot be read, and the three before it")
          .isEqualTo(latest);
      Http http = new Http(Contexts.port(second));
      for (int n : List.of(5, 4, 3)) {
        assertThat(http.get("/runs/run-" + n + "/scores").text()).isEqualTo(scores.removeFirst());
      }
      assertThat(http.exchange("GET", "/runs/run-7/scores", "").status()).isEqualTo(500);
    }
  }

  private static UUID incarnation(Connection connection, int number) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select incarnation from run where run = 'run-" + number + "'")) {
      row.next();
      return row.getObject(1, UUID.class);
    }
  }

  private static void update(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        assertThat(statement.executeUpdate(sql)).isEqualTo(1);
      }
    }
  }
}
