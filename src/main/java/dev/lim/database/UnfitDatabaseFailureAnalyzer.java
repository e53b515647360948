package dev.lim.database;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Turns an {@link UnfitDatabaseException} into what the user reads when the start fails. */
final class UnfitDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<UnfitDatabaseException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, UnfitDatabaseException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
  }
}
