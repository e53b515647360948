package dev.lim.reliability;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A test's own PostgreSQL that may be killed, and comes back with its data on the same port. */
final class PostgresqlServer implements AutoCloseable {

  private static final Path BINARIES = Path.of("target", "test-binaries").toAbsolutePath();

  private final Path data;
  private final int port;
  private EmbeddedPostgres server;

  PostgresqlServer(Path data) throws IOException {
    this.data = data;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    server = start();
  }

  private EmbeddedPostgres start() throws IOException {
    Files.createDirectories(BINARIES);
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(BINARIES.toFile())
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
        .setPGStartupWait(Duration.ofMinutes(1))
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "''")
        .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
        .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Holds user and password. */
  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=none";
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url());
  }

  /** As by {@code kill -9} of the postmaster; returns when its backends are gone too. */
  void kill() throws IOException {
    ProcessHandle postmaster = postmaster();
    List<ProcessHandle> processes = new ArrayList<>(postmaster.children().toList());
    processes.add(postmaster);
    postmaster.destroyForcibly();
    // A dead process that nobody has buried has no command any more.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> processes.stream().noneMatch(p -> p.isAlive() && p.info().command().isPresent()));
    // Finds nothing to end, but lets go of the directory.
    server.close();
  }

  /** As by {@code kill -9} of a backend that serves LIM Server; whether there was one. */
  boolean killBackend() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet backend =
            statement.executeQuery(
                """
                select pid from pg_stat_activity where application_name = 'lim-server'
                order by state = 'active' desc, random() limit 1
                """)) {
      return backend.next()
          && ProcessHandle.of(backend.getLong(1)).map(ProcessHandle::destroyForcibly).orElse(false);
    }
  }

  void startAgain() throws IOException {
    server = start();
  }

  private ProcessHandle postmaster() throws IOException {
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
