package dev.lim.run;

import dev.lim.web.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Which life of a training job speaks: the header {@value #HEADER}. */
public final class Attempt {

  public static final String HEADER = "Lim-Attempt";

  private Attempt() {}

  /** The number in the header; 1 without one. */
  public static int of(HttpServletRequest request) {
    @Nullable String given = request.getHeader(HEADER);
    if (given == null) {
      return 1;
    }
    if (!given.matches("[0-9]{1,9}") || Integer.parseInt(given) < 1) {
      throw ProblemException.parameter(HEADER, "must be a whole number, 1 or more");
    }
    return Integer.parseInt(given);
  }
}
