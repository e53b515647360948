package dev.lim.web;

import java.util.Locale;

/**
 * Every kind of problem that the service answers with; the constant's name in kebab case is its
 * stable type.
 */
public enum ProblemType {
  MALFORMED_REQUEST(400, "The request cannot be read"),
  MALFORMED_BODY(400, "The body cannot be read"),
  INVALID_PARAMETER(400, "A parameter is not valid"),
  FORBIDDEN(403, "Refused"),
  OTHER_SITE(403, "Another site may not write here"),
  NOT_FOUND(404, "Nothing is here"),
  RUN_NOT_FOUND(404, "No such run"),
  DATASET_NOT_FOUND(404, "No such dataset"),
  BATCH_NOT_FOUND(404, "No such batch in force"),
  SUBSET_NOT_FOUND(404, "No such frozen subset"),
  METHOD_NOT_ALLOWED(405, "This method is not allowed here"),
  NOT_ACCEPTABLE(406, "No such representation"),
  REQUEST_TIMEOUT(408, "The request took too long to arrive"),
  SETTINGS_DIFFER(409, "The run exists with other settings"),
  EPOCH_EXISTS(409, "The epoch was sent with other content"),
  BATCH_EXISTS(409, "The batch was sent with other content"),
  EPOCH_HAS_BATCHES(409, "Whole and in parts exclude each other"),
  SUBSET_DIFFERS(409, "The subset was frozen with other content"),
  RUN_HAS_SUBSETS(409, "The run has frozen subsets"),
  RUN_FINISHED(409, "The run is finished"),
  STALE_ATTEMPT(409, "Another attempt is the current one"),
  ATTEMPT_DIFFERS(409, "The attempt was begun from another point"),
  RUN_DELETED(410, "The run was deleted"),
  BODY_TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body's type is not supported"),
  HOST_NOT_ALLOWED(421, "This host name is not answered"),
  INVALID_CONTENT(422, "The content is not valid"),
  UNKNOWN_SAMPLES(422, "The dataset is closed and lacks samples"),
  TOO_MANY_WRITES(429, "Too many writes are waiting"),
  INTERNAL_ERROR(500, "The service failed"),
  DATABASE_UNAVAILABLE(503, "The database is away"),
  OVERLOADED(503, "The service is overloaded"),
  RUN_TOO_LARGE(507, "The run does not fit in memory"),
  CONTAINER(0, "The request was refused");

  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status; 0 where it is the container's to say. */
  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** {@code urn:lim:problem:<kebab-name>}. */
  public String urn() {
    return "urn:lim:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The type that a bare HTTP status stands for, as the container and Spring use them. */
  static ProblemType ofStatus(int status) {
    return switch (status) {
      case 400 -> MALFORMED_REQUEST;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 408 -> REQUEST_TIMEOUT;
      case 413 -> BODY_TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 422 -> INVALID_CONTENT;
      case 500 -> INTERNAL_ERROR;
      case 503 -> OVERLOADED;
      default -> CONTAINER;
    };
  }
}
