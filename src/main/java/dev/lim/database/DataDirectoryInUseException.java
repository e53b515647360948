package dev.lim.database;

import java.nio.file.Path;

/** Another LIM Server, alive, has the data directory. */
final class DataDirectoryInUseException extends UnfitDatabaseException {

  DataDirectoryInUseException(Path directory, String owner) {
    super(
        "The data directory %s is in use by another LIM Server, process %s."
            .formatted(directory, owner),
        "Stop that one first, or give this one a directory of its own with lim.data-dir. Several"
            + " instances share their data through one PostgreSQL: spring.datasource.url.");
  }
}
