package dev.lim.web;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * The lines of an NDJSON body, one at a time and each as a stream of its own, so that no line need
 * be in memory. Blank lines and CRLF are passed over. Not thread-safe.
 */
public final class NdjsonLines {

  private static final int BUFFER = 1 << 14;
  private static final int SHORT_LINE = 1 << 10;

  /** The line end after a chunk's content counts as available, but no content is. */
  private static final int CHUNK_END = 2;

  private final InputStream in;
  private final int longest;
  private final byte[] buffer = new byte[BUFFER];
  private final Line line = new Line();
  private int position;
  private int limit;
  private long number;
  private int lineBytes;
  private boolean inLine;

  public NdjsonLines(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /** Moves to the next line that is not blank, past what is left of this one; false at the end. */
  public boolean next() {
    if (inLine) {
      line.skipRest();
    }
    number++;
    lineBytes = 0;
    while (position < limit || fill()) {
      byte b = buffer[position];
      if (b == '\n') {
        number++;
        lineBytes = 0;
      } else if (!isBlank(b)) {
        inLine = true;
        return true;
      }
      if (++lineBytes > longest) {
        throw tooLong();
      }
      position++;
    }
    return false;
  }

  /** The physical line's number, from 1. */
  public long number() {
    return number;
  }

  /** The present line, without its line end. */
  public InputStream line() {
    return line;
  }

  /** Whether reading the next line to its end would wait for the client. */
  public boolean wouldWait() {
    for (int i = position; i < limit; i++) {
      if (buffer[i] == '\n') {
        return false;
      }
    }
    try {
      return in.available() <= CHUNK_END;
    } catch (IOException e) {
      throw RequestBodies.unreadable(e);
    }
  }

  /**
   * The present line's bytes as sent, without white space around them. The array is the caller's.
   *
   * @param share grows with what is read; the caller's to release
   */
  public byte[] bytes(Admission.Share share) {
    byte[] bytes = new byte[SHORT_LINE];
    share.add(bytes.length);
    int length = 0;
    try (InputStream paced = share.paced(line)) {
      for (int read = 0; read >= 0; read = paced.read(bytes, length, bytes.length - length)) {
        length += read;
        if (length == bytes.length) {
          int larger = (int) Math.min(longest + 1L, 2L * length);
          share.add(larger - length);
          bytes = Arrays.copyOf(bytes, larger);
        }
      }
    } catch (IOException e) {
      throw RequestBodies.unreadable(e);
    }
    while (length > 0 && isBlank(bytes[length - 1])) {
      length--;
    }
    return Arrays.copyOf(bytes, length);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r';
  }

  private boolean fill() {
    position = 0;
    try {
      limit = Math.max(0, in.read(buffer, 0, BUFFER));
    } catch (IOException e) {
      limit = 0;
      throw RequestBodies.unreadable(e);
    }
    return limit > 0;
  }

  private ProblemException tooLong() {
    return new ProblemException(
        ProblemType.BODY_TOO_LARGE,
        String.format(Locale.ROOT, "The line is longer than %,d bytes: split it", longest));
  }

  private final class Line extends InputStream {

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (!inLine || position == limit && !fill()) {
        inLine = false;
        return -1;
      }
      int most = Math.min(length, limit - position);
      int count = 0;
      while (count < most && buffer[position + count] != '\n') {
        count++;
      }
      if (count == 0 && most > 0) {
        position++;
        inLine = false;
        return -1;
      }
      System.arraycopy(buffer, position, to, offset, count);
      position += count;
      if ((lineBytes += count) > longest) {
        throw tooLong();
      }
      return count;
    }

    void skipRest() {
      byte[] scratch = new byte[1 << 13];
      while (read(scratch, 0, scratch.length) >= 0) {
        // Nothing to keep.
      }
    }
  }
}
