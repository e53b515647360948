package dev.lim.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lim.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/**
 * What {@code db/citus} asks of Citus, whose functions are played by ones that write down how they
 * were called: there is no Citus here.
 */
class DistributionIT {

  private static final String CITUS =
      """
      create schema citus;
      create table citus.pg_dist_partition (logicalrelid regclass primary key, key text, colocated text,
                                            place integer generated always as identity);
      create table citus.functions (name regprocedure, tables bigint);
      create function citus.create_distributed_function(function_name regprocedure) returns void language sql as
          'insert into citus.functions select function_name, count(*) from citus.pg_dist_partition';
      create function citus.create_distributed_table(table_name regclass, distribution_column text,
          distribution_type text default 'hash', colocate_with text default 'default') returns void language sql as
          'insert into citus.pg_dist_partition values (table_name, distribution_column, colocate_with)';
      """;

  private static final String TABLES =
      "select c.oid::regclass::text from pg_class c where c.relnamespace = 'public'::regnamespace"
          + " and c.relkind = 'r' and c.relname <> 'flyway_schema_history' order by 1";

  private final TestDatabase database = TestDatabase.create();

  @Test
  void everyTableIsSpreadByItsKeyAfterThoseThatItRefersTo() throws SQLException {
    try (Connection connection = database.connect()) {
      execute(connection, CITUS);
      migrate("classpath:db/migration", "classpath:db/citus");
      assertThat(
              query(
                  connection,
                  "select logicalrelid || ' ' || key || ' ' || colocated from citus.pg_dist_partition"
                      + " order by place"))
          .containsExactly(
              "dataset dataset none",
              "sample dataset dataset",
              "run run none",
              "run_epoch run run",
              "run_attempt run run",
              "reward_batch run run",
              "subset run run");
      assertThat(
              query(
                  connection, "select logicalrelid::text from citus.pg_dist_partition order by 1"))
          .as("a new table belongs into db/citus")
          .isEqualTo(query(connection, TABLES));
      assertThat(
              query(
                  connection,
                  "select conname from pg_constraint c"
                      + " join citus.pg_dist_partition f on f.logicalrelid = c.conrelid"
                      + " join citus.pg_dist_partition p on p.logicalrelid = c.confrelid"
                      + " where f.place < p.place"))
          .isEmpty();
    }
  }

  @Test
  void everyFunctionIsSpreadBeforeTheTables() throws SQLException {
    try (Connection connection = database.connect()) {
      execute(connection, CITUS);
      migrate("classpath:db/migration", "classpath:db/citus");
      assertThat(
              query(
                  connection, "select name::text from citus.functions where tables = 0 order by 1"))
          .isEqualTo(
              query(
                  connection,
                  "select oid::regprocedure::text from pg_proc"
                      + " where pronamespace = 'public'::regnamespace order by 1"))
          .isNotEmpty();
    }
  }

  @Test
  void laterStartsSpreadOnlyWhatIsNew() throws SQLException {
    try (Connection connection = database.connect()) {
      execute(connection, CITUS);
      migrate("classpath:db/migration");
      execute(connection, "alter table subset rename to subset_of_later");
      migrate("classpath:db/migration", "classpath:db/citus");
      assertThat(query(connection, "select logicalrelid::text from citus.pg_dist_partition"))
          .hasSize(6)
          .doesNotContain("subset");
      execute(connection, "alter table subset_of_later rename to subset");
      // Two starts within a second are one.
      await().until(() -> migrate("classpath:db/migration", "classpath:db/citus") == 1);
      assertThat(query(connection, "select logicalrelid::text from citus.pg_dist_partition"))
          .hasSize(7)
          .contains("subset");
    }
  }

  @Test
  void withoutCitusItSaysWhatToDoAndChangesNothing() throws SQLException {
    assertThatThrownBy(() -> migrate("classpath:db/migration", "classpath:db/citus"))
        .hasMessageContaining("create extension citus");
    assertThat(migrate("classpath:db/migration")).isZero();
  }

  private int migrate(String... locations) {
    String url = database.url() + (database.url().contains("?") ? "&" : "?");
    return Flyway.configure()
        .dataSource(url + "currentSchema=public,citus", database.user(), database.password())
        .locations(locations)
        .ignoreMigrationPatterns("repeatable:missing")
        .load()
        .migrate()
        .migrationsExecuted;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }
}
