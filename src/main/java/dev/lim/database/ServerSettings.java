package dev.lim.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What LIM Server needs to know about a PostgreSQL server before it trusts rewards to it.
 *
 * @param address the JDBC address, without its parameters
 * @param version as in {@code server_version_num}: 180006 is 18.6
 * @param synchronousCommit as it is for the service's own user and database
 */
record ServerSettings(
    String address, int version, String encoding, String fsync, String synchronousCommit) {

  private static final int OLDEST_VERSION = 15;

  private static final String QUERY =
      """
      select current_setting('server_version_num')::int, current_setting('server_encoding'),
             current_setting('fsync'), current_setting('synchronous_commit')
      """;

  static ServerSettings of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      row.next();
      String url = connection.getMetaData().getURL();
      return new ServerSettings(
          url.contains("?") ? url.substring(0, url.indexOf('?')) : url,
          row.getInt(1),
          row.getString(2),
          row.getString(3),
          row.getString(4));
    }
  }

  /**
   * Passes when what the server commits is durable, and the schema can be made on it.
   *
   * @throws UnfitDatabaseException which names the first setting that is in the way
   */
  void requireFit() {
    if (version / 10_000 < OLDEST_VERSION) {
      throw new UnfitDatabaseException(
          "The database %s is PostgreSQL %d.%d, but LIM Server needs %d or newer."
              .formatted(address, version / 10_000, version % 10_000, OLDEST_VERSION),
          "Upgrade it, or name another one with spring.datasource.url.");
    }
    if (!encoding.equals("UTF8")) {
      throw new UnfitDatabaseException(
          "The database %s has the encoding %s, but sample ids may be any text: it must be UTF8."
              .formatted(address, encoding),
          "Make one with: create database lim encoding 'UTF8' template template0;");
    }
    requireNotOff("fsync", fsync, "Set fsync = on in postgresql.conf, then reload the server.");
    requireNotOff(
        "synchronous_commit",
        synchronousCommit,
        "Set synchronous_commit = on in postgresql.conf and reload the server, or for this user"
            + " alone: alter role .. set synchronous_commit = on");
  }

  private void requireNotOff(String setting, String value, String action) {
    if (value.equals("off")) {
      throw new UnfitDatabaseException(
          "The database %s has %s = off: it may lose rewards that it has acknowledged."
              .formatted(address, setting),
          action);
    }
  }
}
