package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Opens the bodies of requests: checks their type, inflates gzip, and counts the bytes before and
 * after. The streams throw a {@link ProblemException} where a limit is passed or the gzip is
 * broken.
 */
@Component
public class RequestBodies {

  private static final int BUFFER = 1 << 13;

  private final Admission admission;
  private final Limits limits;
  private final Stopping stopping;

  RequestBodies(Admission admission, Limits limits, Stopping stopping) {
    this.admission = admission;
    this.limits = limits;
    this.stopping = stopping;
  }

  /** A JSON body of rewards: within {@code bodyBytes} and {@code inflatedBytes}. */
  public InputStream json(HttpServletRequest request) {
    requireType(request, MediaType.APPLICATION_JSON_VALUE);
    return open(request, false, limits.bodyBytes(), limits.inflatedBytes());
  }

  /** An NDJSON body of any size. */
  public InputStream ndjson(HttpServletRequest request) {
    requireType(request, Api.NDJSON);
    return open(request, true, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * Whether the body says that it is NDJSON; {@code application/jsonl} and the like are the same
   * thing.
   */
  public boolean isNdjson(HttpServletRequest request) {
    return isA(request.getContentType(), Api.NDJSON);
  }

  /**
   * A small JSON object, or nothing at all.
   *
   * @param types the media types that this call takes
   */
  public JsonObject object(HttpServletRequest request, String... types) {
    try (InputStream body = open(request, false, limits.settingsBytes(), limits.settingsBytes())) {
      byte[] bytes = readAll(body);
      if (bytes.length == 0) {
        return new JsonObject();
      }
      requireType(request, types);
      return JsonObject.parse(bytes, limits.jsonDepth());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private byte[] readAll(InputStream body) throws IOException {
    byte[] first = body.readNBytes(BUFFER);
    if (first.length < BUFFER) {
      return first;
    }
    try (Admission.Share share = admission.forRequest()) {
      share.add(3 * limits.settingsBytes());
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(first);
      body.transferTo(all);
      return all.toByteArray();
    }
  }

  private InputStream open(
      HttpServletRequest request, boolean stream, long mostSent, long mostInflated) {
    if (request.getContentLengthLong() > mostSent) {
      throw tooLarge("as sent", mostSent);
    }
    try {
      InputStream sent = new Counted(stopping.arriving(request, stream), mostSent, "as sent");
      String encoding = request.getHeader("Content-Encoding");
      if (encoding == null || encoding.isBlank() || encoding.equalsIgnoreCase("identity")) {
        return sent;
      }
      if (!encoding.trim().equalsIgnoreCase("gzip")) {
        throw new ProblemException(
            ProblemType.UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding may be gzip or absent, not " + shown(encoding));
      }
      return new Counted(new Gzip(sent), mostInflated, "inflated");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static void requireType(HttpServletRequest request, String... types) {
    String given = request.getContentType();
    for (String type : types) {
      if (isA(given, type)) {
        return;
      }
    }
    throw new ProblemException(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        "Send Content-Type: "
            + String.join(" or ", types)
            + " in UTF-8"
            + (given == null ? "" : ", not " + shown(given)));
  }

  private static boolean isA(@Nullable String given, String type) {
    if (given == null) {
      return false;
    }
    try {
      MediaType media = MediaType.parseMediaType(given);
      boolean utf8 =
          media.getCharset() == null
              || media.getCharset().equals(StandardCharsets.UTF_8)
              || media.getCharset().equals(StandardCharsets.US_ASCII);
      return utf8 && media.equalsTypeAndSubtype(MediaType.parseMediaType(type));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String shown(String header) {
    return header.length() <= 80 ? header : header.substring(0, 80) + "...";
  }

  static ProblemException tooLarge(String how, long most) {
    return new ProblemException(
        ProblemType.BODY_TOO_LARGE,
        String.format(
            Locale.ROOT,
            "The body is larger than %,d bytes %s: send it in parts, or as NDJSON, which has no such limit",
            most,
            how));
  }

  static ProblemException unreadable(@Nullable Throwable e) {
    for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SocketTimeoutException) {
        return tooSlow();
      }
    }
    return new ProblemException(
        ProblemType.MALFORMED_BODY,
        e instanceof ZipException || e instanceof java.io.EOFException
            ? "The body is not whole, valid gzip"
            : "The body could not be read to its end");
  }

  static ProblemException tooSlow() {
    return new ProblemException(
        ProblemType.REQUEST_TIMEOUT,
        "The body arrived too slowly: send it again, in smaller parts");
  }

  /**
   * Inflates any number of members. The JDK's own goes one frame deeper at each empty one, passes
   * over garbage after the last, and says that there is always something to be read.
   */
  private static final class Gzip extends GZIPInputStream {

    private static final int TRAILER = 8;

    private final InputStream sent;
    private boolean within;
    private boolean ended;

    Gzip(InputStream sent) throws IOException {
      super(new Eager(sent), BUFFER);
      this.sent = sent;
    }

    /**
     * The JDK looks for another member only where bytes have arrived, and would lose one that is
     * late.
     */
    private static final class Eager extends FilterInputStream {

      Eager(InputStream in) {
        super(in);
      }

      @Override
      public int available() {
        return 1;
      }
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (within || length == 0) {
        return 0;
      }
      within = true;
      try {
        int read;
        do {
          // 0: the next member begins, and asked this for its first bytes.
          read = super.read(to, offset, length);
        } while (read == 0);
        if (read < 0 && !ended) {
          ended = true;
          if (inf.getRemaining() > TRAILER || in.read() >= 0) {
            throw new ZipException("something follows the gzip");
          }
        }
        return read;
      } finally {
        within = false;
      }
    }

    @Override
    public int available() throws IOException {
      return ended ? 0 : inf.needsInput() ? sent.available() : BUFFER;
    }
  }

  /** Counts what passes and refuses more than is allowed. */
  private static final class Counted extends FilterInputStream {

    private final long most;
    private final String how;
    private long count;

    Counted(InputStream in, long most, String how) {
      super(in);
      this.most = most;
      this.how = how;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int read;
      try {
        read = in.read(to, offset, length);
      } catch (ZipException | java.io.EOFException e) {
        throw unreadable(e);
      }
      if (read > 0 && (count += read) > most) {
        throw tooLarge(how, most);
      }
      return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
      throw new UnsupportedOperationException("would not be counted: " + bytes);
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
