package dev.lim.web;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat's HTTP/1.1, whose connections can be told that no more is to be read from them. It is
 * Tomcat that waits there for a client's next bytes, and an interrupt does not wake it. Tomcat
 * makes this by its class name. Thread-safe.
 */
public final class HttpConnections extends Http11NioProtocol {

  /** Whoever reads from this connection comes to its end; answers may still be written to it. */
  void endInput(String connection) {
    for (SocketWrapperBase<NioChannel> open : getEndpoint().getConnections()) {
      if (open.getServletConnection("", "").getConnectionId().equals(connection)) {
        try {
          SocketChannel socket = open.getSocket().getIOChannel();
          if (socket != null) {
            socket.shutdownInput();
          }
        } catch (IOException e) {
          // It has been closed meanwhile.
        }
      }
    }
  }
}
