package dev.lim;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
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
}
