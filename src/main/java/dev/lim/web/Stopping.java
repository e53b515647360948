package dev.lim.web;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.stereotype.Component;

/**
 * Knows when the service is about to stop. Requests that are being answered are answered still;
 * streams end at the line that they have reached. Thread-safe.
 */
@Component
public class Stopping implements ApplicationListener<ContextClosedEvent> {

  private volatile boolean begun;

  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    begun = true;
  }

  /**
   * @throws ProblemException 503, where the service is about to stop
   */
  public void check() {
    if (begun) {
      throw new ProblemException(
              ProblemType.OVERLOADED,
              "The service is stopping: send this again, which is safe, when it is back")
          .retryAfter(5);
    }
  }
}
