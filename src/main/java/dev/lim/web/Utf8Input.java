package dev.lim.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.MalformedInputException;

/**
 * Passes on text that is well-formed UTF-8 (RFC 3629) and free of NUL bytes, which JSON never
 * holds, and throws {@link MalformedInputException} at anything else, a byte order mark among it.
 * JSON parsers take overlong forms and surrogates, and guess at UTF-16 where they meet NUL.
 */
final class Utf8Input extends FilterInputStream {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;

  /** How many bytes of a character are still to come, and between what the next one must lie. */
  private int pending;

  private int least;
  private int most;

  /** The first bytes, as long as they could be a byte order mark. */
  private int mark = 1;

  Utf8Input(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int read = in.read(to, offset, length);
    if (read < 0) {
      if (pending > 0) {
        throw new MalformedInputException(pending);
      }
    } else {
      check(to, offset, offset + read);
    }
    return read;
  }

  private void check(byte[] bytes, int from, int end) throws MalformedInputException {
    int i = from;
    while (i < end) {
      if (pending == 0) {
        while (i + Long.BYTES <= end && isAscii((long) LONG.get(bytes, i))) {
          i += Long.BYTES;
          mark = 0;
        }
        if (i == end) {
          return;
        }
      }
      next(bytes[i++] & 0xff);
    }
  }

  /** Whether all eight bytes lie between 1 and 127. */
  private static boolean isAscii(long eight) {
    return ((eight - ONES | eight) & HIGH_BITS) == 0;
  }

  private void next(int b) throws MalformedInputException {
    if (mark != 0 && (mark = mark << 8 | b) == 0x1efbbbf) {
      throw new MalformedInputException(3);
    }
    if (mark > 0xffffff || (mark & 0xff) < 0x80) {
      mark = 0;
    }
    if (pending > 0) {
      if (b < least || b > most) {
        throw new MalformedInputException(1);
      }
      pending--;
      least = 0x80;
      most = 0xbf;
    } else if (b == 0 || b >= 0x80) {
      pending = b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : 1;
      least = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
      most = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
      if (b < 0xc2 || b > 0xf4) {
        throw new MalformedInputException(1);
      }
    }
  }

  @Override
  public long skip(long bytes) {
    throw new UnsupportedOperationException("would not be checked: " + bytes);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
