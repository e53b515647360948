package dev.lim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@IntegrationTest
class TestDatabaseIT {

  @Autowired JdbcClient jdbc;

  @Test
  void theContextUsesTheSharedDatabase() {
    assertThat(TestDatabase.shared().url())
        .endsWith("/" + jdbc.sql("select current_database()").query(String.class).single());
  }

  @Test
  void everyCreatedDatabaseIsANewOne() throws SQLException {
    TestDatabase database = TestDatabase.create();
    assertThat(database.url()).isNotEqualTo(TestDatabase.shared().url());
    try (Connection connection = database.connect();
        ResultSet tables =
            connection
                .createStatement()
                .executeQuery("select from pg_tables where schemaname = 'public'")) {
      assertThat(tables.next()).isFalse();
    }
  }

  /** As a test class that asks for a database and starts no context. */
  static final class Lone {
    static void main() {
      System.out.println("url " + TestDatabase.create().url());
    }
  }

  @Test
  void theServerOfAJvmThatStartsNoContextEndsWithIt() throws Exception {
    Process lone =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlim.test.database=embedded",
                "-cp",
                System.getProperty("java.class.path"),
                Lone.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(lone.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(lone.waitFor()).as(said).isZero();
    Matcher port = Pattern.compile("url jdbc:postgresql://127.0.0.1:(\\d+)/").matcher(said);
    assertThat(port.find()).as(said).isTrue();
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> new Socket("127.0.0.1", Integer.parseInt(port.group(1))).close());
  }
}
