package dev.lim.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of a PostgreSQL server that works on one data directory, seen from outside; they
 * outlive the JVM that started them when it is killed.
 */
final class Postmaster {

  private static final Logger log = LoggerFactory.getLogger(Postmaster.class);
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  private final Path data;
  private final Path binaries;

  Postmaster(DataDirectory directory) {
    this.data = directory.data();
    this.binaries = directory.binaries();
  }

  /** The process that {@code postmaster.pid} names, if it lives and is this directory's. */
  Optional<ProcessHandle> find() {
    return recordedPid().flatMap(ProcessHandle::of).filter(this::serves);
  }

  /**
   * Whether no process lives that {@code postmaster.pid} could mean. A dead one that nobody has
   * buried has no command any more.
   */
  boolean isGone() {
    return recordedPid()
        .flatMap(ProcessHandle::of)
        .flatMap(process -> process.info().command())
        .isEmpty();
  }

  /**
   * Ends a server whose JVM is gone. To be called by the owner of the directory only.
   *
   * <p>What still works for a postmaster that was killed is ended too: no new one may start beside
   * it.
   *
   * <p>Removes a {@code postmaster.pid} whose process number has gone to a stranger, as happens
   * where a container starts again: PostgreSQL would take the stranger for its server.
   *
   * @param patience how long it may take to end
   * @throws UnfitDatabaseException when it has not ended by then
   */
  void endOrphan(Duration patience) {
    find()
        .ifPresent(orphan -> {
          log.warn("Ending PostgreSQL process {}, left over from a killed JVM", orphan.pid());
          interrupt(orphan);
          await(orphan, patience);
        });
    List<ProcessHandle> backends = ProcessHandle.allProcesses().filter(this::serves).toList();
    backends.forEach(ProcessHandle::destroy);
    backends.forEach(backend -> await(backend, patience));
    if (recordedPid().flatMap(ProcessHandle::of).isPresent()) {
      try {
        Files.delete(data.resolve("postmaster.pid"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Waits for the server to end, which has been told to. */
  void awaitEnd(Duration patience) {
    find().ifPresent(postmaster -> await(postmaster, patience));
  }

  /** A dead process that nobody has buried has no command any more, and serves nobody. */
  private void await(ProcessHandle process, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (serves(process)) {
      if (System.nanoTime() > deadline) {
        throw new UnfitDatabaseException(
            "PostgreSQL process %d still works on %s, %d s after it was told to end."
                .formatted(process.pid(), data, patience.toSeconds()),
            "Wait for it, or see what keeps it, then start again.");
      }
      LockSupport.parkNanos(POLL_INTERVAL.toNanos());
    }
  }

  /** SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for running statements. */
  private static void interrupt(ProcessHandle process) {
    if (WINDOWS) {
      process.destroy();
      return;
    }
    try {
      new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Optional<Long> recordedPid() {
    Path file = data.resolve("postmaster.pid");
    try {
      return Files.exists(file)
          ? Files.readAllLines(file).stream().findFirst().map(String::strip).map(Long::valueOf)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether this process is one of the server's, and lives. */
  boolean serves(ProcessHandle process) {
    Optional<String> command = process.info().command();
    if (command.isEmpty()
        || !Path.of(command.get()).getFileName().toString().startsWith("postgres")) {
      return false;
    }
    Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd");
    try {
      return workingDirectory.toRealPath().equals(data.toRealPath());
    } catch (IOException e) {
      return process.info().commandLine().orElse(command.get()).contains(data.toString())
          || WINDOWS && command.get().startsWith(binaries.toString());
    }
  }
}
