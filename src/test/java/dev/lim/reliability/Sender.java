package dev.lim.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A request whose body goes on until it is closed. */
final class Sender implements AutoCloseable {

  private final Socket socket;

  /** A batch under a key of its own, as a line. */
  static String line(int number) {
    return "{\"epoch\":1,\"batch\":\"b%d\",\"rewards\":[{\"sample\":\"a\",\"values\":[%d]}]}\n"
        .formatted(number, number);
  }

  Sender(int port, String method, String path, String type) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(25_000);
    write(
        method
            + " /api/v1/runs/"
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/"
            + type
            + "\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  private void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  void send(String text) throws IOException {
    write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  /** Sends line after line from this one, whatever is said, as long as it is let. */
  void goOn(int from) {
    try {
      for (int i = from; ; i++) {
        send(line(i));
        LockSupport.parkNanos(5_000_000);
      }
    } catch (IOException e) {
      // The connection was closed.
    }
  }

  /** The problem that is answered. */
  JsonNode hear(int status) {
    StringBuilder heard = new StringBuilder();
    try {
      while (!heard.toString().contains("}")) {
        int b = socket.getInputStream().read();
        assertThat(b).as("%s", heard).isNotNegative();
        heard.append((char) b);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(heard.toString(), e);
    }
    assertThat(heard)
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("Content-Type: application/problem+json");
    if (status == 503) {
      assertThat(heard).contains("Retry-After: ");
    }
    return new JsonMapper().readTree(heard.substring(heard.indexOf("{")));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
