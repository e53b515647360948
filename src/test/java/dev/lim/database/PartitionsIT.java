package dev.lim.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.LimServer;
import dev.lim.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The commands of docs/scaling.md that make partitions of the log, and the service on them. */
class PartitionsIT {

  private static final int RUNS = 12;

  private final TestDatabase database = TestDatabase.create();

  @Test
  void theServiceDoesNotNoticeThatItsLogIsInPartitions() throws Exception {
    serve(http -> {
      for (int run = 0; run < RUNS; run++) {
        write(http, run, 1);
      }
    });
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(commands());
    }
    serve(http -> {
      for (int run = 0; run < RUNS; run++) {
        write(http, run, 2);
        http.put("/runs/parts-%d/epochs/2/batches/b".formatted(run), rewards("b", 1));
        String scores = http.get("/runs/parts-%d/scores".formatted(run)).text();
        assertThat(scores).contains("\"revision\":5", "\"scored\":2");
      }
      http.delete("/runs/parts-0");
    });
    assertThat(count("select count(distinct tableoid) from reward_batch")).isGreaterThan(2);
    assertThat(count("select count(*) from reward_batch")).isEqualTo((RUNS - 1) * 5);
    assertThat(count("select count(*) from rollout")).isEqualTo((RUNS - 1) * 8);
  }

  private static void write(Http http, int run, int epoch) {
    http.put("/runs/parts-%d/epochs/%d/batches/a".formatted(run, epoch), rewards("a", 1));
    http.put("/runs/parts-%d/epochs/%d/batches/b".formatted(run, epoch), rewards("b", 0));
  }

  private static String rewards(String sample, int reward) {
    return "{\"rewards\": [{\"sample\": \"%s\", \"values\": [0, %d]}]}".formatted(sample, reward);
  }

  private static String commands() throws IOException {
    Matcher block =
        Pattern.compile("```sql\n(.*?partition by hash.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs", "scaling.md")));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  private void serve(Consumer<Http> use) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(LimServer.class)
            .run(
                "--server.port=0",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password())) {
      use.accept(
          new Http(
              context.getEnvironment().getRequiredProperty("local.server.port", Integer.class)));
    }
  }

  private long count(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
