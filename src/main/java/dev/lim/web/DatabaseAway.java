package dev.lim.web;

import java.sql.SQLException;
import java.util.Set;
import org.hibernate.TransactionException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/** Tells failures of the database that pass from those that do not. */
public final class DatabaseAway {

  private static final int RETRY_SECONDS = 1;

  /**
   * Classes of SQLState in which the same request may succeed later: connection, resources,
   * operator.
   */
  private static final Set<String> PASSING = Set.of("08", "53", "57", "58", "40", "55");

  private DatabaseAway() {}

  /** Whether the same request may succeed later. */
  public static boolean is(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CannotGetJdbcConnectionException
          || t instanceof CannotCreateTransactionException
          || t instanceof TransientDataAccessException
          // The connection broke: begin, commit or rollback could not be said, and what was to be
          // heard of the first failure is lost with it.
          || t instanceof TransactionException
          || t instanceof SQLException sql && isPassing(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** Whether the database gave this SQLState. */
  public static boolean says(Throwable failure, String state) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql && state.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPassing(@Nullable String state) {
    return state != null && state.length() == 5 && PASSING.contains(state.substring(0, 2));
  }

  /** What to answer then: 503. */
  public static ProblemException problem() {
    return new ProblemException(
            ProblemType.DATABASE_UNAVAILABLE,
            "The database does not answer at present; send this again, which is safe")
        .retryAfter(RETRY_SECONDS);
  }
}
