package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.stereotype.Component;

/**
 * Knows when the service is about to stop, and sees to it that nobody who is still sending is left
 * without an answer. What has arrived is answered still. A stream ends at the line that it has
 * reached; whoever still waits for more of a body {@value #PATIENCE_SECONDS} s later waits no
 * longer. Those who were told get {@value #FAREWELL_SECONDS} s to read it before the connections
 * are closed: what a client goes on sending would make the system discard the answer. Thread-safe.
 */
@Component
public class Stopping implements ApplicationListener<ContextClosedEvent>, SmartLifecycle {

  private static final int PATIENCE_SECONDS = 2;
  private static final int FAREWELL_SECONDS = 1;
  private static final int RETRY_SECONDS = 5;

  private final Set<HttpConnections> listeners = ConcurrentHashMap.newKeySet();

  /** The connections on which a body is being read. */
  private final Set<String> reading = ConcurrentHashMap.newKeySet();

  private volatile boolean begun;
  private volatile boolean impatient;
  private volatile boolean told;
  private volatile boolean running;

  /** Says where connections are to be found. */
  void on(HttpConnections connections) {
    listeners.add(connections);
  }

  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    begun = true;
    after(PATIENCE_SECONDS)
        .execute(() -> {
          impatient = true;
          reading.forEach(this::endInput);
        });
  }

  private void endInput(String connection) {
    listeners.forEach(listener -> listener.endInput(connection));
  }

  /**
   * @throws ProblemException 503, where the service is about to stop
   */
  public void check() {
    if (begun) {
      told = true;
      throw new ProblemException(
              ProblemType.OVERLOADED,
              "The service is stopping: send this again, which is safe, when it is back")
          .retryAfter(RETRY_SECONDS);
    }
  }

  /**
   * The request's body as it arrives.
   *
   * @param stream whether it may go on for ever, and so ends when the service stops
   * @throws ProblemException 503, as do its reads, where the service is about to stop
   */
  InputStream arriving(HttpServletRequest request, boolean stream) throws IOException {
    check();
    return new Arriving(
        request.getInputStream(), request.getServletConnection().getConnectionId(), stream);
  }

  private final class Arriving extends FilterInputStream {

    private final String connection;
    private final boolean stream;

    Arriving(InputStream in, String connection, boolean stream) {
      super(in);
      this.connection = connection;
      this.stream = stream;
      reading.add(connection);
      if (impatient) {
        endInput(connection);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (stream) {
        check();
      }
      try {
        return in.read(to, offset, length);
      } catch (IOException e) {
        check();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      reading.remove(connection);
      super.close();
    }
  }

  private static Executor after(int seconds) {
    return CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public void stop(Runnable callback) {
    stop();
    if (told) {
      after(FAREWELL_SECONDS).execute(callback);
    } else {
      callback.run();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Between the end of the last request and that of the connections. */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 1;
  }
}
