package dev.lim.reliability;

import dev.lim.LimServer;
import dev.lim.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** LIM Server in a process of its own, as a user runs it, so that it can be killed. */
final class Service implements AutoCloseable {

  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");
  private static final int LINES_KEPT = 30;

  private final Process process;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final Deque<String> said = new ArrayDeque<>();

  private Service(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::listen);
  }

  /** Begins to start; {@link #port()} waits until it has. */
  static Service on(TestDatabase database, String... settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
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
}
