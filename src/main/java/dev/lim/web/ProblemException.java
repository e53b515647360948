package dev.lim.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that cannot be answered as asked, and why; becomes one problem. */
public final class ProblemException extends RuntimeException {

  private final ProblemType type;
  private final List<Violation> violations;
  private final int violationCount;
  private final @Nullable Long line;
  private final @Nullable Long committedLines;
  private final @Nullable Integer retryAfterSeconds;

  private ProblemException(
      ProblemType type,
      String detail,
      List<Violation> violations,
      int violationCount,
      @Nullable Long line,
      @Nullable Long committedLines,
      @Nullable Integer retryAfterSeconds,
      @Nullable Throwable cause) {
    // Problems are answers, not faults: no stack trace.
    super(detail, cause, false, false);
    this.type = type;
    this.violations = violations;
    this.violationCount = violationCount;
    this.line = line;
    this.committedLines = committedLines;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** {@code detail} says what to do. */
  public ProblemException(ProblemType type, String detail) {
    this(type, detail, List.of(), 0, null, null, null, null);
  }

  /** A problem with one parameter of the query or path. */
  public static ProblemException parameter(String name, String detail) {
    return new ProblemException(
        ProblemType.INVALID_PARAMETER,
        name + ": " + detail,
        List.of(Violation.of(name, detail)),
        1,
        null,
        null,
        null,
        null);
  }

  public static ProblemException at(ProblemType type, String pointer, String detail) {
    return new ProblemException(
        type, detail, List.of(Violation.at(pointer, detail)), 1, null, null, null, null);
  }

  public ProblemException with(Violations found) {
    return new ProblemException(
        type,
        detail(),
        found.shown(),
        found.count(),
        line,
        committedLines,
        retryAfterSeconds,
        getCause());
  }

  /** The same, said of a line of an NDJSON stream. */
  public ProblemException atLine(long number, long committed) {
    return new ProblemException(
        type,
        detail(),
        violations,
        violationCount,
        number,
        committed,
        retryAfterSeconds,
        getCause());
  }

  /** What is wrong with parameters, said of the fields of a body that hold them. */
  ProblemException inBody() {
    if (type != ProblemType.INVALID_PARAMETER) {
      return this;
    }
    Violations found = new Violations();
    for (Violation violation : violations) {
      found.at("#" + Violation.step(String.valueOf(violation.parameter())), violation.detail());
    }
    found.count(violationCount - violations.size());
    return found.asProblem(ProblemType.INVALID_CONTENT);
  }

  public ProblemException retryAfter(int seconds) {
    return new ProblemException(
        type, detail(), violations, violationCount, line, committedLines, seconds, getCause());
  }

  /** Whether it is said of a line already. */
  public boolean isOfLine() {
    return line != null;
  }

  public ProblemType type() {
    return type;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  List<Violation> violations() {
    return violations;
  }

  int violationCount() {
    return violationCount;
  }

  @Nullable Long line() {
    return line;
  }

  @Nullable Long committedLines() {
    return committedLines;
  }

  @Nullable Integer retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
