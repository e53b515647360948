package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.ServletWebRequest;

/**
 * Lets clients poll: every GET of a run carries a weak ETag over all that its answer depends on,
 * and is answered 304 where the client has it already.
 */
public final class Revalidation {

  /** Raise it whenever the same inputs may give other answers. */
  public static final String SCORING_VERSION = "1";

  private static final String SENT = Sent.class.getName();

  private Revalidation() {}

  /**
   * Sets the caching headers, and 304 where the client's copy is good.
   *
   * @param representation which of the answer's forms is asked for
   * @param state all else that the answer depends on, beside the path and query: identities and
   *     revisions
   * @return whether the answer is complete, and nothing is left to do
   */
  public static boolean unchanged(
      HttpServletRequest request,
      HttpServletResponse response,
      String representation,
      Object... state) {
    return isNotModified(request, response, tag(request, representation, state));
  }

  private static String tag(HttpServletRequest request, String representation, Object... state) {
    MessageDigest digest = sha256();
    put(digest, SCORING_VERSION);
    put(digest, request.getRequestURI());
    put(digest, String.valueOf(request.getQueryString()));
    put(digest, representation);
    for (Object part : state) {
      put(digest, part.toString());
    }
    return "W/\"" + HexFormat.of().formatHex(digest.digest(), 0, 12) + '"';
  }

  /**
   * As {@link #unchanged}, where the answer depends on the path's run alone: the next poll may be
   * answered without a controller.
   */
  public static boolean runUnchanged(
      HttpServletRequest request,
      HttpServletResponse response,
      String representation,
      UUID incarnation,
      long revision) {
    String tag = tag(request, representation, incarnation, revision);
    request.setAttribute(SENT, new Sent(tag, incarnation, revision));
    return isNotModified(request, response, tag);
  }

  private static boolean isNotModified(
      HttpServletRequest request, HttpServletResponse response, String tag) {
    setHeaders(response);
    return new ServletWebRequest(request, response).checkNotModified(tag);
  }

  /** An ETag that was sent, and the run's identity and revision that it stands for. */
  public record Sent(String tag, UUID incarnation, long revision) {}

  /** What this request was answered with; null where that depends on more than its run. */
  public static @Nullable Sent sent(HttpServletRequest request) {
    return (Sent) request.getAttribute(SENT);
  }

  /** Answers 304, as {@link #unchanged} does. */
  public static void notModified(HttpServletResponse response, String tag) {
    setHeaders(response);
    response.setHeader("ETag", tag);
    response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
  }

  private static void setHeaders(HttpServletResponse response) {
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Vary", "Accept, Accept-Encoding");
  }

  private static void put(MessageDigest digest, String part) {
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
