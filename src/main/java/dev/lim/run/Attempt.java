package dev.lim.run;

import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
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

  /**
   * @throws ProblemException 409 where another attempt is current, or the run is finished
   */
  public static void requireOpen(String run, int current, boolean finished, int said) {
    requireCurrent(run, current, said);
    if (finished) {
      throw new ProblemException(
          ProblemType.RUN_FINISHED,
          "Run " + run + " is finished: begin attempt " + (current + 1) + " to write on");
    }
  }

  /**
   * @throws ProblemException 409 where another attempt is current
   */
  static void requireCurrent(String run, int current, int said) {
    if (said != current) {
      throw new ProblemException(
          ProblemType.STALE_ATTEMPT,
          "Run "
              + run
              + " is in attempt "
              + current
              + ", and this says attempt "
              + said
              + ": another life of the job has taken over (header Lim-Attempt)");
    }
  }
}
