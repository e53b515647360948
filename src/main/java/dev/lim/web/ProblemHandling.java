package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.stream.Collectors;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns every failure of a request into a problem. No exception's own message reaches a client. */
@RestControllerAdvice
class ProblemHandling {

  private static final Logger log = LoggerFactory.getLogger(ProblemHandling.class);

  @ExceptionHandler
  void handle(Exception e, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (response.isCommitted() && response.getStatus() >= 400) {
      // The container has refused the body already, but does not know why it matters.
      request.setAttribute(ContainerErrors.PROBLEM, e);
      return;
    }
    if (e instanceof ClientAbortException || response.isCommitted()) {
      throw e;
    }
    response.reset();
    if (e instanceof ProblemException problem) {
      Problem.send(problem, response);
      return;
    }
    if (DatabaseAway.is(e)) {
      log.warn("The database is away: {}", e.toString());
      Problem.send(DatabaseAway.problem(), response);
      return;
    }
    if (e instanceof ErrorResponse answer && answer.getStatusCode().value() < 500) {
      answer
          .getHeaders()
          .forEach((name, values) -> values.forEach(v -> response.addHeader(name, v)));
      response.setHeader("Accept-Ranges", null);
      Problem.ofStatus(answer.getStatusCode().value(), detail(e, request)).send(response);
      return;
    }
    if (e instanceof InvalidParameterException) {
      Problem.send(
          new ProblemException(
              ProblemType.MALFORMED_REQUEST,
              "The query cannot be decoded: check its %-escapes, and how many parameters it has"),
          response);
      return;
    }
    if (e instanceof IOException) {
      // Reading the request failed: the client went away or broke its own framing.
      Problem.send(
          new ProblemException(ProblemType.MALFORMED_BODY, "The body could not be read to its end"),
          response);
      return;
    }
    log.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
    Problem.send(
        new ProblemException(
            ProblemType.INTERNAL_ERROR, "This is a fault of the service; its log has the details"),
        response);
  }

  private static String detail(Exception e, HttpServletRequest request) {
    return switch (e) {
      case NoResourceFoundException _ ->
          "There is no " + request.getRequestURI() + "; /swagger-ui.html shows what there is";
      case HttpRequestMethodNotSupportedException m ->
          m.getMethod() + " is not supported here, but " + m.getSupportedHttpMethods();
      case HttpMediaTypeNotSupportedException m ->
          "Send " + types(m.getSupportedMediaTypes()) + " in place of " + m.getContentType();
      case HttpMediaTypeNotAcceptableException m ->
          "This can be had as " + types(m.getSupportedMediaTypes());
      default -> "The request is not one that this call can answer";
    };
  }

  private static String types(Iterable<MediaType> types) {
    return java.util.stream.StreamSupport.stream(types.spliterator(), false)
        .map(MediaType::toString)
        .collect(Collectors.joining(" or "));
  }
}
