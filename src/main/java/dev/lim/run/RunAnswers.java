package dev.lim.run;

import dev.lim.run.RunContents.Counted;
import dev.lim.web.ProblemException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Answers runs as they stand. Thread-safe. */
@Component
public class RunAnswers {

  private final RunContents contents;

  RunAnswers(RunContents contents) {
    this.contents = contents;
  }

  /**
   * The run with its epochs.
   *
   * @throws ProblemException 404 or 410
   */
  public RunAnswer of(String run) {
    Counted counted = contents.count(run);
    return RunAnswer.of(counted.state(), counted.contents());
  }

  /** The run without its epochs; empty where it was deleted since it was listed. */
  Optional<RunAnswer> brief(String run) {
    try {
      Counted counted = contents.count(run);
      return Optional.of(RunAnswer.brief(counted.state(), counted.contents()));
    } catch (ProblemException _) {
      return Optional.empty();
    }
  }
}
