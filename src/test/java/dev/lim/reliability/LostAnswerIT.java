package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lim.IntegrationTest;
import dev.lim.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;

/** Long form: {@code -Dlim.cycles=1000}. */
@IntegrationTest
class LostAnswerIT {

  private static final int CYCLES = Integer.getInteger("lim.cycles", 50);

  @LocalServerPort int port;

  @Test
  void aBatchWhoseAnswerWasLostIsSentAgainAndChangesNothing() throws Exception {
    String run = "lost-" + UUID.randomUUID();
    try (AnswerDropper dropper = new AnswerDropper(port);
        Trainer cutOff = new Trainer(run, dropper::port);
        Trainer again = new Trainer(run, () -> port)) {
      for (int n = 0; n < CYCLES; n++) {
        int cut = n;
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> cutOff.put(cut));
        assertThat(dropper.dropped()).as("answers that were on their way").isEqualTo(n + 1);
        HttpResponse<String> answer = again.put(n);
        var written = new JsonMapper().readTree(answer.body());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(written.get("outcome").stringValue()).isEqualTo("unchanged");
        assertThat(written.get("revision").asInt()).isEqualTo(n + 1);
      }
      assertThat(again.get("").get("revision").asInt()).isEqualTo(CYCLES);
      assertThat(again.get("").get("rollouts").asInt()).isEqualTo(CYCLES * 32 * 4);
      try (Connection connection = TestDatabase.shared().connect()) {
        again.requireAcknowledgedIn(connection);
      }
      System.out.printf("connection cut before the answer: %d times, counts unchanged%n", CYCLES);
    }
  }

  /** Stands before the service, hands on each request, and cuts when its answer begins. */
  private static final class AnswerDropper implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int service;
    private final AtomicInteger dropped = new AtomicInteger();

    AnswerDropper(int service) throws IOException {
      this.service = service;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listener.getLocalPort();
    }

    int dropped() {
      return dropped.get();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try (Socket client = listener.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), service)) {
          Thread.ofVirtual().start(() -> handOn(client, server));
          if (server.getInputStream().read() == 'H') {
            dropped.incrementAndGet();
          }
          client.setSoLinger(true, 0);
        } catch (IOException e) {
          // The next one, unless the test is over.
        }
      }
    }

    private static void handOn(Socket from, Socket to) {
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        in.transferTo(out);
      } catch (IOException e) {
        // It was cut.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
