package dev.lim.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** An RFC 9457 problem, as sent. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "What went wrong, and what to do (RFC 9457)")
public record Problem(
    @Schema(example = "urn:lim:problem:invalid-content") String type,
    @Schema(example = "The content is not valid") String title,
    @Schema(example = "422") int status,
    @Schema(example = "#/rewards/17/values/3: must be a number") String detail,
    @Schema(description = "What is wrong where; the first 20") @Nullable List<Violation> errors,
    @Schema(description = "How many there are in all") @Nullable Integer errorCount,
    @Schema(description = "NDJSON: the line, counted from 1") @Nullable Long line,
    @Schema(description = "NDJSON: how many lines before it are stored and stay")
        @Nullable Long committedLines) {

  public static final String MEDIA_TYPE = "application/problem+json";

  private static final JsonMapper JSON = new JsonMapper();

  static Problem of(ProblemException e) {
    boolean bare = e.violationCount() == 0;
    return new Problem(
        e.type().urn(),
        e.type().title(),
        e.type().status(),
        e.detail(),
        bare ? null : e.violations(),
        bare ? null : e.violationCount(),
        e.line(),
        e.committedLines());
  }

  /** A problem of which only the HTTP status is known. */
  static Problem ofStatus(int status, String detail) {
    ProblemType type = ProblemType.ofStatus(status);
    return new Problem(type.urn(), type.title(), status, detail, null, null, null, null);
  }

  /** Makes this the whole answer. The response must not be committed yet. */
  void send(HttpServletResponse response) throws IOException {
    byte[] body = JSON.writeValueAsBytes(this);
    response.resetBuffer();
    response.setStatus(status);
    response.setContentType(MEDIA_TYPE);
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }

  /** Answers with a problem from where there is no controller, such as a filter. */
  public static void send(ProblemException e, HttpServletResponse response) throws IOException {
    if (e.retryAfterSeconds() != null) {
      response.setHeader("Retry-After", String.valueOf(e.retryAfterSeconds()));
    }
    of(e).send(response);
  }
}
