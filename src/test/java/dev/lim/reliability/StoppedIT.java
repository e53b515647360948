package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lim.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** SIGTERM, with clients that have not said all that they have to say. */
class StoppedIT {

  @Test
  void whoeverIsStillSendingIsToldWhereToGoOn() throws Exception {
    TestDatabase database = TestDatabase.create();
    try (Service service = Service.on(database);
        Sender idle = new Sender(service.port(), "POST", "idle/rewards", "x-ndjson");
        Sender within = new Sender(service.port(), "POST", "within/rewards", "x-ndjson");
        Sender busy = new Sender(service.port(), "POST", "busy/rewards", "x-ndjson");
        Sender body = new Sender(service.port(), "PUT", "body/epochs/1/batches/b", "json");
        Connection connection = database.connect()) {
      for (int i = 1; i <= 3; i++) {
        idle.send(Sender.line(i));
        within.send(Sender.line(i));
      }
      within.send("{\"epoch\":1,\"batch\":\"b4\",\"rew");
      body.send("{\"rewards\":[{\"sample\":\"a\",\"va");
      Thread talker = Thread.ofVirtual().start(() -> busy.goOn(1));
      for (String run : new String[] {"idle", "within", "busy"}) {
        await().alias(run).atMost(Duration.ofMinutes(1)).until(() -> batches(connection, run) >= 3);
      }

      service.terminate();
      JsonNode idleHeard = idle.hear(503);
      assertThat(idleHeard.get("line").asInt()).isEqualTo(4);
      assertThat(idleHeard.get("committedLines").asInt()).isEqualTo(3);
      JsonNode withinHeard = within.hear(503);
      assertThat(withinHeard.get("line").asInt()).isEqualTo(4);
      assertThat(withinHeard.get("committedLines").asInt()).isEqualTo(3);
      JsonNode busyHeard = busy.hear(503);
      body.hear(503);
      await().atMost(Duration.ofSeconds(30)).until(() -> !service.isAlive());
      assertThat(service.exitCode()).as(service.lastWords()).isEqualTo(143);
      talker.join();
      assertThat(batches(connection, "idle")).isEqualTo(3);
      assertThat(batches(connection, "within")).isEqualTo(3);
      assertThat(batches(connection, "busy")).isEqualTo(busyHeard.get("committedLines").asInt());
      assertThat(batches(connection, "body")).isZero();
    }
  }

  private static int batches(Connection connection, String run) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from reward_batch where ended_at is null and run = '"
                    + run
                    + "'")) {
      row.next();
      return row.getInt(1);
    }
  }
}
