package dev.lim.reliability;

import static org.awaitility.Awaitility.await;

import dev.lim.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class OverloadIT {

  /** More than wait in a run's queue and with its writer. */
  private static final int TOO_MANY = 800;

  @Test
  void beyondTheQueueWritersAreToldToComeAgainAndNothingIsLost() throws Exception {
    holdRow(TOO_MANY, "", 429);
  }

  @Test
  void aStatementThatTakesTooLongIsToldAndNothingIsLost() throws Exception {
    holdRow(8, "&options=-c%20statement_timeout=300", 503);
  }

  @Test
  void withoutAFreeConnectionWritersAreToldToComeAgainAndNothingIsLost() throws Exception {
    holdAndLetGo(
        8,
        "",
        503,
        (_, service) -> {
          DataSource pool = service.getBean(DataSource.class);
          Connection one = pool.getConnection();
          Connection other = pool.getConnection();
          return () -> {
            one.close();
            other.close();
          };
        },
        "--spring.datasource.hikari.maximum-pool-size=2");
  }

  /** The run's row is held, so that no writer gets on. */
  private static void holdRow(int writers, String query, int told) throws Exception {
    holdAndLetGo(
        writers,
        query,
        told,
        (database, _) -> {
          Connection holder = database.connect();
          holder.setAutoCommit(false);
          try (Statement hold = holder.createStatement()) {
            hold.executeQuery("select from run where run = 'held' for update");
          }
          return holder;
        });
  }

  /** Takes something that writers need, until it is closed. */
  private interface Hold {
    AutoCloseable take(TestDatabase database, ConfigurableApplicationContext service)
        throws SQLException;
  }

  private static void holdAndLetGo(
      int writers, String query, int told, Hold hold, String... settings) throws Exception {
    TestDatabase database = TestDatabase.create();
    String url =
        database.url() + "?user=" + database.user() + "&password=" + database.password() + query;
    try (ConfigurableApplicationContext service = Contexts.start(url, settings);
        Trainer trainer = new Trainer("held", () -> Contexts.port(service))) {
      trainer.begin(1);
      trainer.awaitMore(1, Duration.ofSeconds(20));
      trainer.end();
      try (AutoCloseable _ = hold.take(database, service)) {
        trainer.begin(writers);
        await().atMost(Duration.ofSeconds(30)).until(() -> trainer.wasTold(told));
      }
      trainer.awaitMore(writers, Duration.ofSeconds(30));
      trainer.end();
      try (Connection connection = database.connect()) {
        trainer.requireAcknowledgedIn(connection);
      }
      trainer.requireServed();
    }
  }
}
