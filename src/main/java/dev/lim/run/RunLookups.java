package dev.lim.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lim.web.ProblemException;
import jakarta.annotation.PreDestroy;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells readers how runs stand, for little: one round trip answers all who wait, on a connection
 * that is kept for it, so that readers need not wait for writers' connections either. It brings the
 * revisions alone where the states that were read last still stand. Thread-safe.
 */
@Component
class RunLookups {

  private static final String HEAD =
      "select run, incarnation, revision, deleted_at is not null from run where run = ?";

  /** Statements that are sent together; each is about one run, wherever its rows lie. */
  private static final int MOST_AT_ONCE = 32;

  private static final int MOST_KEPT = 10_000;

  /** A database that is away without a word holds readers no longer than this. */
  private static final String ANSWER_SECONDS = "5";

  private final HikariDataSource connection;
  private final JdbcTemplate jdbc;
  private final JsonMapper json;
  private final SharedLookups<String, Found> lookups;
  private final Cache<String, RunState> latest =
      Caffeine.newBuilder().maximumSize(MOST_KEPT).build();

  RunLookups(DataSource pool, JsonMapper json) throws SQLException {
    this.connection = connectionLikeThoseOf(pool.unwrap(HikariDataSource.class));
    this.jdbc = new JdbcTemplate(connection);
    this.json = json;
    this.lookups = new SharedLookups<>("run look-ups", this::findAll);
  }

  /** A run that there is, or was; the state is null where it was deleted. */
  private record Found(@Nullable RunState state) {}

  private record Head(UUID incarnation, long revision, boolean deleted) {}

  /**
   * The run as it stands now.
   *
   * @throws ProblemException 404 or 410
   */
  RunState state(String run) {
    Found found = lookups.get(run);
    if (found == null) {
      throw Runs.absent(run);
    }
    if (found.state == null) {
      throw Runs.deleted(run);
    }
    return found.state;
  }

  /**
   * The run as it stands now; null where there is none, or it was deleted. Fails as {@link #state}
   * does where the database is away.
   */
  @Nullable RunState find(String run) {
    Found found = lookups.get(run);
    return found == null ? null : found.state;
  }

  private Map<String, Found> findAll(Set<String> runs) {
    Map<String, Head> heads = new HashMap<>();
    List<String> all = List.copyOf(runs);
    for (int from = 0; from < all.size(); from += MOST_AT_ONCE) {
      readHeads(all.subList(from, Math.min(from + MOST_AT_ONCE, all.size())), heads);
    }
    Map<String, Found> found = new HashMap<>();
    heads.forEach((run, head) -> {
      if (head.deleted) {
        found.put(run, new Found(null));
      } else {
        Found known = present(run, head);
        if (known != null) {
          found.put(run, known);
        }
      }
    });
    return found;
  }

  private void readHeads(List<String> runs, Map<String, Head> to) {
    jdbc.execute(
        String.join(";", Collections.nCopies(runs.size(), HEAD)),
        (PreparedStatement statement) -> {
          for (int i = 0; i < runs.size(); i++) {
            statement.setString(i + 1, runs.get(i));
          }
          for (boolean more = statement.execute(); more; more = statement.getMoreResults()) {
            try (ResultSet row = statement.getResultSet()) {
              if (row.next()) {
                to.put(
                    row.getString(1),
                    new Head(row.getObject(2, UUID.class), row.getLong(3), row.getBoolean(4)));
              }
            }
          }
          return to;
        });
  }

  /** A revision tells all that may change, but for the run's being another one, or none. */
  private @Nullable Found present(String run, Head head) {
    RunState last = latest.getIfPresent(run);
    if (last != null
        && last.revision() == head.revision
        && last.incarnation().equals(head.incarnation)) {
      return new Found(last);
    }
    List<Found> now =
        jdbc.query(
            RunRow.ONE,
            (row, _) ->
                new Found(row.getObject("deleted_at") == null ? RunRow.state(row, json) : null),
            run);
    if (now.isEmpty()) {
      return null;
    }
    Found found = now.getFirst();
    if (found.state != null) {
      latest.put(run, found.state);
    }
    return found;
  }

  private static HikariDataSource connectionLikeThoseOf(HikariDataSource pool) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(pool.getJdbcUrl());
    config.setUsername(pool.getUsername());
    config.setPassword(pool.getPassword());
    config.setDataSourceProperties(pool.getDataSourceProperties());
    config.addDataSourceProperty("socketTimeout", ANSWER_SECONDS);
    config.setConnectionInitSql(pool.getConnectionInitSql());
    config.setConnectionTimeout(pool.getConnectionTimeout());
    config.setValidationTimeout(pool.getValidationTimeout());
    config.setMaximumPoolSize(1);
    config.setInitializationFailTimeout(-1);
    config.setPoolName("look-ups");
    return new HikariDataSource(config);
  }

  @PreDestroy
  void close() {
    lookups.close();
    connection.close();
  }
}
