package dev.lim.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One kept-alive HTTP/1.1 connection that sends bytes as they were prepared and does no more than
 * it must, so that the service is measured and not its client. One request at a time; {@link
 * #close} may come from another thread, as the end of a killed writer.
 */
final class Connection implements AutoCloseable {

  private final URI service;
  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  Connection(URI service) throws IOException {
    this.service = service;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress(service.getHost(), service.getPort()), 5_000);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    out = socket.getOutputStream();
  }

  /**
   * @param retryAfter seconds, or -1 where the answer does not say
   * @param last whether the service ends the connection with it
   */
  record Answer(int status, int retryAfter, boolean last, String body) {

    /** The text or number of the first field of this name; empty where there is none. */
    String field(String name) {
      int at = body.indexOf('"' + name + "\":");
      if (at < 0) {
        return "";
      }
      int from = at + name.length() + 3;
      int to = from;
      while (",}]".indexOf(body.charAt(to)) < 0) {
        to++;
      }
      return body.substring(from, to).replace("\"", "");
    }
  }

  Answer get(String path) throws IOException {
    return send("GET", path, "", new byte[0]);
  }

  /**
   * @param headers each ended by a line end
   */
  Answer send(String method, String path, String headers, byte[] body) throws IOException {
    String head =
        method
            + " /api/v1"
            + path
            + " HTTP/1.1\r\nHost: "
            + service.getAuthority()
            + "\r\nContent-Length: "
            + body.length
            + "\r\n"
            + headers
            + "\r\n";
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    return answer();
  }

  private Answer answer() throws IOException {
    String status = line();
    int length = -1;
    int retryAfter = -1;
    boolean chunked = false;
    boolean last = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      } else if (header.startsWith("retry-after:")) {
        retryAfter = Integer.parseInt(header.substring(12).strip());
      } else if (header.startsWith("transfer-encoding:")) {
        chunked = header.contains("chunked");
      } else if (header.startsWith("connection:")) {
        last = header.contains("close");
      }
    }
    byte[] body = chunked ? chunks() : in.readNBytes(Math.max(0, length));
    return new Answer(
        Integer.parseInt(status.substring(9, 12)),
        retryAfter,
        last,
        new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      whole.write(in.readNBytes(size));
      line();
    }
    line();
    return whole.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("The service hung up");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }
}
