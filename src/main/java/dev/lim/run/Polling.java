package dev.lim.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.web.Api;
import dev.lim.web.Revalidation;
import dev.lim.web.Revalidation.Sent;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Enumeration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Answers a client that polls before the request is read anew: where the same request was given
 * this ETag, and the run stands as it stood then, 304. All else goes on to the controllers, which
 * say what their answers depend on by {@link Revalidation}. Thread-safe.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class Polling implements Filter {

  private static final String RUNS = Api.ROOT + "/runs/";

  private static final int MOST_KEPT = 10_000;

  /** Characters of a request that is kept. */
  private static final int LONGEST = 500;

  /** All of a request that an answer depends on. */
  private record Asked(String uri, @Nullable String query, String accept) {}

  /** What was answered, of a run that stood so. */
  private record Answered(
      String run, UUID incarnation, long revision, String tag, @Nullable String pattern) {}

  private final RunLookups lookups;
  private final Cache<Asked, Answered> latest =
      Caffeine.newBuilder().maximumSize(MOST_KEPT).build();

  Polling(RunLookups lookups) {
    this.lookups = lookups;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Asked asked =
        request instanceof HttpServletRequest http && http.getMethod().equals("GET")
            ? asked(http)
            : null;
    if (asked == null) {
      chain.doFilter(request, response);
    } else if (!stands(asked, (HttpServletRequest) request, (HttpServletResponse) response)) {
      chain.doFilter(request, response);
      remember(asked, (HttpServletRequest) request);
    }
  }

  /** Null where it is nothing to be kept. */
  private static @Nullable Asked asked(HttpServletRequest get) {
    String uri = get.getRequestURI();
    if (!uri.startsWith(RUNS)) {
      return null;
    }
    Enumeration<String> accepts = get.getHeaders("Accept");
    String accept = accepts.hasMoreElements() ? accepts.nextElement() : "";
    String query = get.getQueryString();
    long length = (long) uri.length() + accept.length() + (query == null ? 0 : query.length());
    return accepts.hasMoreElements() || length > LONGEST ? null : new Asked(uri, query, accept);
  }

  private boolean stands(Asked asked, HttpServletRequest request, HttpServletResponse response) {
    String tag = request.getHeader("If-None-Match");
    Answered last = tag == null ? null : latest.getIfPresent(asked);
    if (last == null || !last.tag.equals(tag) || !stands(last)) {
      return false;
    }
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(context -> context.setPathPattern(last.pattern));
    Revalidation.notModified(response, tag);
    return true;
  }

  private boolean stands(Answered last) {
    try {
      RunState now = lookups.find(last.run);
      return now != null
          && now.revision() == last.revision
          && now.incarnation().equals(last.incarnation);
    } catch (RuntimeException _) {
      // The controller asks again, and what it meets is told as a problem.
      return false;
    }
  }

  private void remember(Asked asked, HttpServletRequest request) {
    Sent sent = Revalidation.sent(request);
    if (sent != null) {
      String path = asked.uri.substring(RUNS.length());
      int end = path.indexOf('/');
      Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
      latest.put(
          asked,
          new Answered(
              end < 0 ? path : path.substring(0, end),
              sent.incarnation(),
              sent.revision(),
              sent.tag(),
              pattern == null ? null : pattern.toString()));
    }
  }
}
