package dev.lim.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.IntegrationTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

@IntegrationTest
class OpenModeIT {

  @LocalServerPort private int port;

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "127.0.0.1, 200",
    "[::1], 200",
    "LOCALHOST, 200",
    "evil.example, 421",
    "localhost.evil.example, 421",
    "127.0.0.1.evil.example, 421",
    "10.0.0.1, 421"
  })
  void onlyNamesOfThisMachineAreAnswered(String host, int status) throws IOException {
    assertThat(status("GET /api/v1/runs HTTP/1.1", "Host: " + host + ":" + port)).isEqualTo(status);
    assertThat(status("GET /swagger-ui/index.html HTTP/1.1", "Host: " + host)).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: http://evil.example, 403",
    "Origin: null, 403",
    "Origin: http://localhost:1, 403",
    "Origin: https://localhost, 403",
    "Origin: %%%, 403",
    "Sec-Fetch-Site: cross-site, 403",
    "Sec-Fetch-Site: same-site, 403",
    "Sec-Fetch-Site: same-origin, 200",
    "Sec-Fetch-Site: none, 200",
    "X-Nothing: 1, 200"
  })
  void aPageOfAnotherSiteDoesNotWrite(String header, int status) throws IOException {
    status("PUT /api/v1/datasets/open-mode HTTP/1.1", "X-Nothing: 1");
    assertThat(status("PUT /api/v1/datasets/open-mode HTTP/1.1", header)).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"})
  void readingIsLeftToTheBrowsersOwnRules(String header) throws IOException {
    assertThat(status("GET /api/v1/limits HTTP/1.1", header)).isEqualTo(200);
  }

  private int status(String line, String header) throws IOException {
    String host = header.startsWith("Host:") ? "" : "Host: localhost:" + port + "\r\n";
    try (Socket socket = new Socket("127.0.0.1", port)) {
      String request =
          line + "\r\n" + host + header + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }
}
