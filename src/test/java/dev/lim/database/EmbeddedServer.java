package dev.lim.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The service's own embedded PostgreSQL, for tests outside this room; shared by a test JVM. */
public final class EmbeddedServer {

  private final EmbeddedPostgresql server;

  private EmbeddedServer(EmbeddedPostgresql server) {
    this.server = server;
  }

  /**
   * Starts on the first directory of {@code parent} that no other test JVM uses, without the
   * databases of an earlier one.
   */
  public static EmbeddedServer startIn(Path parent) {
    for (int i = 0; ; i++) {
      try {
        var server = EmbeddedPostgresql.start(parent.resolve(Integer.toString(i)));
        dropTestDatabases(server);
        return new EmbeddedServer(server);
      } catch (DataDirectoryInUseException e) {
        // the next one, then
      }
    }
  }

  private static void dropTestDatabases(EmbeddedPostgresql server) {
    try (Connection connection = server.connectAsSuperuser();
        Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery("select datname from pg_database where datname like 'test%'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      for (String name : names) {
        statement.execute("drop database " + name);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the database, owned by {@link #user()}. */
  public void createDatabase(String name) throws SQLException {
    server.createDatabase(name);
  }

  public String url(String database) {
    return server.jdbcUrl(database);
  }

  public String user() {
    return server.getUsername();
  }

  public String password() {
    return server.getPassword();
  }

  public void close() {
    server.close();
  }
}
