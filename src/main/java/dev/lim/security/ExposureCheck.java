package dev.lim.security;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Configuration;

/**
 * Refuses to start a service that others can reach, unless somebody has said that this is meant.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SecuritySettings.class, ServerProperties.class})
class ExposureCheck {

  ExposureCheck(SecuritySettings settings, ServerProperties server) {
    @Nullable InetAddress address = server.getAddress();
    boolean reachable = address == null || !address.isLoopbackAddress();
    if (reachable && settings.mode() == null) {
      throw new ExposedException(address == null ? "all addresses" : address.getHostAddress());
    }
  }

  static final class ExposedException extends RuntimeException {

    ExposedException(String address) {
      super("The service would listen on " + address + " without access control");
    }
  }

  /** Found through {@code META-INF/spring.factories}. */
  static final class Analyzer extends AbstractFailureAnalyzer<ExposedException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable failure, ExposedException cause) {
      return new FailureAnalysis(
          cause.getMessage()
              + ", so that whoever reaches this machine could read and change all runs.",
          "Say lim.security.mode=open (environment: LIM_SECURITY_MODE=open) if that is meant, as behind a"
              + " published port on 127.0.0.1; otherwise leave server.address at 127.0.0.1.",
          cause);
    }
  }
}
