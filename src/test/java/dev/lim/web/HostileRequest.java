package dev.lim.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A request that is wrong in some way, and how it must be answered.
 *
 * @param method of the request line; null where {@code body} is the whole request
 * @param headers whole lines, each with its CRLF, beside Host and Content-Length
 * @param body what is sent; null for none
 * @param status that the answer must have
 * @param type the problem's, without its prefix; null where the answer is no problem
 * @param where the pointer or parameter that the problem must name; null for any or none
 * @param says what the answer's body must hold beside; null for anything
 */
record HostileRequest(
    String name,
    @Nullable String method,
    String path,
    String headers,
    byte @Nullable [] body,
    int status,
    @Nullable String type,
    @Nullable String where,
    @Nullable String says) {

  private static final int LONGEST_TEXT = 1 << 18;

  /**
   * @param path below the root of the API
   */
  static HostileRequest of(String name, String method, String path) {
    return new HostileRequest(name, method, Api.ROOT + path, "", null, 0, null, null, null);
  }

  /** A request of which every byte is given; {@code ~} stands for CRLF. */
  static HostileRequest raw(String name, String bytes) {
    return new HostileRequest(
        name, null, "", "", bytes.replace("~", "\r\n").getBytes(ISO_8859_1), 0, null, null, null);
  }

  HostileRequest header(String header) {
    return new HostileRequest(
        name, method, path, headers + header + "\r\n", body, status, type, where, says);
  }

  HostileRequest type(String contentType) {
    return header("Content-Type: " + contentType);
  }

  HostileRequest bytes(byte[] bytes) {
    return new HostileRequest(name, method, path, headers, bytes, status, type, where, says);
  }

  HostileRequest json(String json) {
    return type("application/json").bytes(json.getBytes(UTF_8));
  }

  HostileRequest json(String json, Charset charset) {
    return type("application/json").bytes(json.getBytes(charset));
  }

  HostileRequest ndjson(String lines) {
    return type("application/x-ndjson").bytes(lines.getBytes(UTF_8));
  }

  /** Compresses the body that was given before. */
  HostileRequest zipped() {
    return header("Content-Encoding: gzip").bytes(gzip(given()));
  }

  /** Cuts bytes off the end of the body that was given before. */
  HostileRequest without(int bytes) {
    byte[] given = given();
    return bytes(Arrays.copyOf(given, given.length - bytes));
  }

  /** Adds bytes to the body that was given before. */
  HostileRequest and(byte[] more) {
    byte[] given = given();
    byte[] both = Arrays.copyOf(given, given.length + more.length);
    System.arraycopy(more, 0, both, given.length, more.length);
    return bytes(both);
  }

  private byte[] given() {
    if (body == null) {
      throw new IllegalStateException("No body was given before");
    }
    return body;
  }

  /** Accepted, or answered without a problem. */
  HostileRequest answers(int status) {
    return new HostileRequest(name, method, path, headers, body, status, null, null, null);
  }

  HostileRequest is(int status, String type) {
    return new HostileRequest(name, method, path, headers, body, status, type, null, null);
  }

  HostileRequest is(int status, String type, String where) {
    return new HostileRequest(name, method, path, headers, body, status, type, where, null);
  }

  HostileRequest saying(String text) {
    return new HostileRequest(name, method, path, headers, body, status, type, where, text);
  }

  /** The same elsewhere. */
  HostileRequest at(UnaryOperator<String> elsewhere) {
    return new HostileRequest(
        name, method, elsewhere.apply(path), headers, body, status, type, where, says);
  }

  /** Fills in names, wherever they may stand. */
  HostileRequest fill(UnaryOperator<String> names) {
    return body == null || body.length > LONGEST_TEXT
        ? at(names)
        : at(names).bytes(names.apply(new String(body, ISO_8859_1)).getBytes(ISO_8859_1));
  }

  /** All that goes over the wire. */
  byte[] wire() {
    if (method == null) {
      return given();
    }
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
    head.append(headers);
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    wire.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
    if (body != null) {
      wire.writeBytes(body);
    }
    return wire.toByteArray();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }

  @Override
  public String toString() {
    return name;
  }
}
