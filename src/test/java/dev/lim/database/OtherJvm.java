package dev.lim.database;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;

/** A JVM of its own that starts the embedded server and lives until it is killed. */
final class OtherJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private OtherJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /** Starts it on {@code directory}; on success it runs {@code statement} and says "ready". */
  static OtherJvm on(Path directory, String statement) throws IOException {
    return new OtherJvm(
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    OtherJvm.class.getName(),
                    directory.toString(),
                    statement))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** What came of its start: "ready", or why not. */
  String outcome() throws IOException {
    return output
        .lines()
        .filter(line -> line.startsWith("outcome: "))
        .findFirst()
        .map(line -> line.substring("outcome: ".length()))
        .orElse("it died");
  }

  /** As by {@code kill -9}: nothing of it gets to run any more. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  static void main(String... args) throws Exception {
    try {
      EmbeddedPostgresql server = EmbeddedPostgresql.start(Path.of(args[0]));
      try (Connection connection =
              DriverManager.getConnection(
                  server.getJdbcUrl(), server.getUsername(), server.getPassword());
          Statement statement = connection.createStatement()) {
        statement.execute(args[1]);
        System.out.println("outcome: ready");
        System.in.read();
      }
    } catch (UnfitDatabaseException e) {
      System.out.println("outcome: " + e.getMessage());
    }
  }
}
