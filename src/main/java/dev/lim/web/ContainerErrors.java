package dev.lim.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * What the servlet container refuses by itself is answered with a problem too: a broken request
 * line or header never reaches Spring (the valve), an error that a filter sends does (the
 * controller).
 */
@Controller
class ContainerErrors implements ErrorController {

  /** The request attribute for the exception that the container's answer is to tell of. */
  static final String PROBLEM = ContainerErrors.class.getName();

  @RequestMapping("${server.error.path:/error}")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Integer status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    // Reached by its own address, there is no error to show.
    send(status == null ? 404 : status, request.getAttribute(PROBLEM), response);
  }

  /**
   * @param found what the service had found by then, if anything: it knows more than the container
   */
  private static void send(int status, @Nullable Object found, HttpServletResponse response)
      throws IOException {
    if (found instanceof ProblemException e) {
      Problem.send(e, response);
    } else {
      Problem.ofStatus(status, words(status)).send(response);
    }
  }

  private static String words(int status) {
    return switch (status) {
      case 400 -> "The request line, a header or the path is not valid HTTP: check what was sent";
      case 404 -> "There is nothing at this address; /swagger-ui.html shows what there is";
      case 405 -> "This method is not allowed here";
      case 408 -> "The request did not arrive in time; send it again";
      case 413 -> "The request is too large";
      case 414, 431 -> "The request line and headers are too long: shorten the query";
      case 500 -> "This is a fault of the service; its log has the details";
      case 501 -> "The method or transfer encoding is not supported";
      case 505 -> "Use HTTP/1.1";
      default -> "The request was refused before it reached the service";
    };
  }

  /** Tomcat makes this by its class name. */
  public static final class ProblemReportValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      int status = response.getStatus();
      if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
        return;
      }
      try {
        send(status, request.getAttribute(PROBLEM), response.getResponse());
      } catch (IOException | IllegalStateException _) {
        // The client has gone: there is nobody to tell.
      }
    }
  }

  @org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
  static class Tomcat {

    /** What a connection with half a request may occupy: buffers, parsers, a thread. */
    private static final int BYTES_A_CONNECTION = 512 << 10;

    private static final int MOST_CONNECTIONS = 8192;

    private static long connections() {
      return Math.min(MOST_CONNECTIONS, Runtime.getRuntime().maxMemory() / BYTES_A_CONNECTION);
    }

    @org.springframework.context.annotation.Bean
    @Order
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> problemsFromTomcat() {
      return factory -> {
        factory.addContextCustomizers(context -> {
          StandardHost host = (StandardHost) context.getParent();
          host.setErrorReportValveClass(ProblemReportValve.class.getName());
        });
        factory.addConnectorCustomizers(connector -> {
          // Parameters come from the query alone: no body may be read as a form.
          connector.setParseBodyMethods("");
          // Who asks before sending hears of a problem before sending.
          connector.setProperty("continueResponseTiming", "onRead");
          connector.setProperty("maxConnections", Long.toString(connections()));
        });
      };
    }

    @org.springframework.context.annotation.Bean
    WebServerFactoryCustomizer<TomcatWebServerFactory> connectionsThatCanBeTold(Stopping stopping) {
      return factory -> {
        factory.setProtocol(HttpConnections.class.getName());
        factory.addProtocolHandlerCustomizers((HttpConnections c) -> stopping.on(c));
      };
    }
  }
}
