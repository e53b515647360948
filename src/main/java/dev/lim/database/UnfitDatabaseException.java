package dev.lim.database;

import org.jspecify.annotations.Nullable;

/** The database cannot be used as it is; says why, and what a person can do about it. */
sealed class UnfitDatabaseException extends RuntimeException permits DataDirectoryInUseException {

  private final String action;

  UnfitDatabaseException(String description, String action) {
    this(description, action, null);
  }

  UnfitDatabaseException(String description, String action, @Nullable Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  String action() {
    return action;
  }
}
