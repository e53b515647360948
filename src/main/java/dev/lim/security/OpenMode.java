package dev.lim.security;

import dev.lim.web.Problem;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps web pages that somebody visits from reaching a service on their machine: a page can make
 * the browser send requests here, under a name of its own that leads here (so only known names are
 * answered), or as another site (so it may not write).
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class OpenMode extends OncePerRequestFilter {

  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Set<String> hosts = new HashSet<>(THIS_MACHINE);

  OpenMode(SecuritySettings settings) {
    settings.allowedHosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String host = request.getServerName().toLowerCase(Locale.ROOT);
    if (!hosts.contains(host)) {
      Problem.send(
          new ProblemException(
              ProblemType.HOST_NOT_ALLOWED,
              "Only "
                  + String.join(", ", List.of("localhost", "127.0.0.1", "[::1]"))
                  + " and the setting lim.security.allowed-hosts are answered"),
          response);
    } else if (!READS.contains(request.getMethod()) && isFromElsewhere(request)) {
      Problem.send(
          new ProblemException(
              ProblemType.OTHER_SITE, "A page of another site may not write to this service"),
          response);
    } else {
      chain.doFilter(request, response);
    }
  }

  private static boolean isFromElsewhere(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !OWN_SITE.contains(site)) {
      return true;
    }
    String origin = request.getHeader("Origin");
    return origin != null && !isOwn(origin, request);
  }

  private static boolean isOwn(String origin, HttpServletRequest request) {
    try {
      URI uri = URI.create(origin);
      @Nullable String host = uri.getHost();
      int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
      return host != null
          && host.equalsIgnoreCase(request.getServerName())
          && port == request.getServerPort();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
