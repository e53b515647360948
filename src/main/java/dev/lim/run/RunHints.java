package dev.lim.run;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.annotation.PreDestroy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells the other instances on this database which runs were written to, and hears it from them, by
 * {@code NOTIFY} and {@code LISTEN}. A hint and no more: it comes after the commit, may be lost,
 * and nobody may conclude anything from its absence; how a run stands is read from the database.
 *
 * <p>One thread does both on one connection beside the pool. What it has to tell it tells at most
 * every {@value #PACE_MILLIS} ms, in a transaction of its own: PostgreSQL lets one transaction that
 * notifies commit at a time, and rewards must not wait for that. When a connection is lost, it
 * tries again, and takes it that every run was written to meanwhile. Thread-safe.
 */
@Component
public class RunHints {

  private static final Logger LOG = LoggerFactory.getLogger(RunHints.class);

  private static final String LISTEN = "listen lim_run";

  private static final String NOTIFY =
      "select pg_notify('lim_run', written) from unnest(?::text[]) written";

  private static final int PACE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  /** A silent connection is asked whether it is alive. */
  private static final long SILENCE_MILLIS = 15_000;

  private static final String ANSWER_SECONDS = "5";

  private final String url;
  private final Properties properties = new Properties();
  private final Set<String> untold = ConcurrentHashMap.newKeySet();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  RunHints(DataSource pool) throws SQLException {
    HikariDataSource hikari = pool.unwrap(HikariDataSource.class);
    this.url = hikari.getJdbcUrl();
    properties.putAll(hikari.getDataSourceProperties());
    if (hikari.getUsername() != null) {
      properties.setProperty("user", hikari.getUsername());
    }
    if (hikari.getPassword() != null) {
      properties.setProperty("password", hikari.getPassword());
    }
    properties.setProperty("socketTimeout", ANSWER_SECONDS);
    properties.setProperty("ApplicationName", "lim-server hints");
    this.thread = Thread.ofPlatform().daemon().name("run hints").start(this::run);
  }

  /** Is told which runs other instances may have written to. Must return soon. */
  @FunctionalInterface
  public interface Listener {
    void written(Predicate<String> runs);
  }

  /** Tells this listener from now on. */
  public void onWritten(Listener listener) {
    listeners.add(listener);
  }

  /** Sees to it that others are told when the caller's transaction has changed this run. */
  void afterCommit(Run held) {
    long before = held.revision();
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            if (held.revision() != before) {
              untold.add(held.run());
            }
          }
        });
  }

  private void run() {
    long pause = PACE_MILLIS;
    while (!closed) {
      try (Connection connection = DriverManager.getConnection(url, properties)) {
        listen(connection);
        LOG.debug("Hears of other instances' writes");
        tell(_ -> true);
        pause = PACE_MILLIS;
        exchange(connection);
      } catch (SQLException | RuntimeException e) {
        LOG.debug("Does not hear of other instances' writes", e);
      }
      untold.clear();
      if (!closed) {
        LockSupport.parkNanos(pause * 1_000_000);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      }
    }
  }

  private static void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(LISTEN);
    }
  }

  private void exchange(Connection connection) throws SQLException {
    PGConnection postgresql = connection.unwrap(PGConnection.class);
    long told = System.nanoTime();
    while (!closed) {
      Set<String> heard = new HashSet<>();
      for (PGNotification notification : postgresql.getNotifications(PACE_MILLIS)) {
        if (notification.getPID() != postgresql.getBackendPID()) {
          heard.add(notification.getParameter());
        }
      }
      if (!heard.isEmpty()) {
        tell(heard::contains);
      }
      long silence = (System.nanoTime() - told) / 1_000_000;
      if (silence >= PACE_MILLIS && !untold.isEmpty()) {
        told = System.nanoTime();
        notifyOthers(connection);
      } else if (silence >= SILENCE_MILLIS) {
        told = System.nanoTime();
        listen(connection);
      }
    }
  }

  private void notifyOthers(Connection connection) throws SQLException {
    String[] runs = untold.toArray(String[]::new);
    untold.removeAll(List.of(runs));
    try (PreparedStatement statement = connection.prepareStatement(NOTIFY)) {
      statement.setArray(1, connection.createArrayOf("text", runs));
      statement.execute();
    }
  }

  private void tell(Predicate<String> runs) {
    listeners.forEach(listener -> listener.written(runs));
  }

  @PreDestroy
  void close() throws InterruptedException {
    closed = true;
    LockSupport.unpark(thread);
    thread.join(2L * PACE_MILLIS);
  }
}
