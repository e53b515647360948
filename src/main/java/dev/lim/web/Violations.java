package dev.lim.web;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with one request: keeps the first {@value #SHOWN}, counts all. Not
 * thread-safe.
 */
public final class Violations {

  private static final int SHOWN = 20;

  private final List<Violation> shown = new ArrayList<>();
  private int count;

  /** Adds it, unless the same was said before: two readers may share a parameter. */
  public void add(Violation violation) {
    if (count < SHOWN) {
      if (shown.contains(violation)) {
        return;
      }
      shown.add(violation);
    }
    count++;
  }

  /** Something in the body. */
  public void at(String pointer, String detail) {
    if (count < SHOWN) {
      add(Violation.at(pointer, detail));
    } else {
      count++;
    }
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public int count() {
    return count;
  }

  /** Whether one more would still be shown; a caller may save itself the words otherwise. */
  public boolean full() {
    return count >= SHOWN;
  }

  /** Counts one that is not shown. */
  public void count(int more) {
    count += more;
  }

  List<Violation> shown() {
    return List.copyOf(shown);
  }

  /** A problem of this type with these violations; the first one's words are its detail. */
  public ProblemException asProblem(ProblemType type) {
    String more = count > 1 ? " (and " + (count - 1) + " more)" : "";
    Violation first = shown.getFirst();
    String where = first.pointer() != null ? first.pointer() : first.parameter();
    return new ProblemException(type, where + ": " + first.detail() + more).with(this);
  }
}
