package dev.lim.reliability;

import dev.lim.LimServer;
import dev.lim.TestDatabase;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * LIM Server in a process of its own, as a user runs it, so that it can be killed. Where it is
 * started many times, it starts from an archive of its loaded classes, in half the time.
 */
final class Service implements AutoCloseable {

  /** How many starts save more than the archive costs. */
  private static final int WORTH_AN_ARCHIVE = 5;

  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");
  private static final int LINES_KEPT = 30;
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private final Process process;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final Deque<String> said = new ArrayDeque<>();

  private Service(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::listen);
  }

  /** Begins to start; {@link #port()} waits until it has. */
  static Service on(TestDatabase database, String... settings) throws IOException {
    List<String> command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1", "-Xmx512m"));
    command.addAll(
        Integer.getInteger("lim.cycles", 1) < WORTH_AN_ARCHIVE
            ? List.of("-cp", System.getProperty("java.class.path"))
            : Archive.of(database).options());
    command.addAll(
        List.of(
            LimServer.class.getName(),
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password(),
            "--spring.datasource.hikari.maximum-pool-size=6"));
    command.addAll(Arrays.asList(settings));
    return new Service(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void listen() {
    try (BufferedReader output = process.inputReader()) {
      output
          .lines()
          .forEach(line -> {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
              port.complete(Integer.parseInt(started.group(1)));
            }
            synchronized (said) {
              said.addLast(line);
              if (said.size() > LINES_KEPT) {
                said.removeFirst();
              }
            }
          });
    } catch (IOException | java.io.UncheckedIOException e) {
      // It was killed.
    }
    port.completeExceptionally(new IllegalStateException("It ended before it listened: " + said));
  }

  int port() {
    return port.join();
  }

  /** As by {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  String lastWords() {
    synchronized (said) {
      return String.join("\n", said);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /**
   * The classes that a start loads, and the class path that they come from: of jars alone, as the
   * JVM demands.
   */
  private record Archive(String classPath, Path file) {

    private static @Nullable Archive made;

    static synchronized Archive of(TestDatabase database) throws IOException {
      if (made == null) {
        Path directory = Files.createTempDirectory("lim-archive");
        Archive archive = new Archive(classPath(directory), directory.resolve("classes.jsa"));
        List<String> command =
            List.of(
                JAVA,
                "-XX:ArchiveClassesAtExit=" + archive.file,
                "-cp",
                archive.classPath,
                LimServer.class.getName(),
                "--server.port=0",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password());
        Service service =
            new Service(new ProcessBuilder(command).redirectErrorStream(true).start());
        service.port();
        service.terminate();
        service.process.onExit().join();
        made = archive;
      }
      return made;
    }

    private static String classPath(Path directory) throws IOException {
      List<String> jars = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        Path path = Path.of(entry);
        if (Files.isDirectory(path)) {
          Path jar = directory.resolve(jars.size() + ".jar");
          ToolProvider.findFirst("jar")
              .orElseThrow()
              .run(System.out, System.err, "--create", "--file=" + jar, "-C", path.toString(), ".");
          jars.add(jar.toString());
        } else if (Files.exists(path)) {
          jars.add(entry);
        }
      }
      return String.join(File.pathSeparator, jars);
    }

    List<String> options() {
      return List.of("-XX:SharedArchiveFile=" + file, "-cp", classPath);
    }
  }
}
