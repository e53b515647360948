package dev.lim.dataset;

import java.util.Optional;

/** The rule for the ids that clients choose for samples. */
public final class SampleId {

  public static final int LONGEST = 512;

  private SampleId() {}

  /** What is wrong with an id, if anything. */
  public static Optional<String> breach(CharSequence id) {
    return breach(id, 0, id.length());
  }

  private static Optional<String> breach(CharSequence id, int from, int to) {
    if (from == to) {
      return Optional.of("must not be empty");
    }
    int codePoints = 0;
    for (int i = from; i < to; i++, codePoints++) {
      char c = id.charAt(i);
      if (c == 0) {
        return Optional.of("must not hold a NUL character");
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == to
            || !Character.isLowSurrogate(id.charAt(i + 1))) {
          return Optional.of("must not hold a lone surrogate");
        }
        i++;
      }
    }
    return codePoints > LONGEST
        ? Optional.of("must have at most " + LONGEST + " characters")
        : Optional.empty();
  }

  /**
   * Writes the UTF-8 of an id as a parser holds it.
   *
   * @param to at least 3 bytes a character
   * @return how many bytes it took, or -1 where the id breaks the rule
   */
  public static int encode(char[] chars, int from, int length, byte[] to) {
    if (length == 0 || length > 2 * LONGEST) {
      return -1;
    }
    int bytes = 0;
    int codePoints = 0;
    int end = from + length;
    for (int i = from; i < end; i++, codePoints++) {
      char c = chars[i];
      if (c < 0x80) {
        if (c == 0) {
          return -1;
        }
        to[bytes++] = (byte) c;
      } else if (c < 0x800) {
        to[bytes++] = (byte) (0xc0 | c >> 6);
        to[bytes++] = (byte) (0x80 | c & 0x3f);
      } else if (!Character.isSurrogate(c)) {
        to[bytes++] = (byte) (0xe0 | c >> 12);
        to[bytes++] = (byte) (0x80 | c >> 6 & 0x3f);
        to[bytes++] = (byte) (0x80 | c & 0x3f);
      } else {
        if (!Character.isHighSurrogate(c)
            || i + 1 == end
            || !Character.isLowSurrogate(chars[i + 1])) {
          return -1;
        }
        int point = Character.toCodePoint(c, chars[++i]);
        to[bytes++] = (byte) (0xf0 | point >> 18);
        to[bytes++] = (byte) (0x80 | point >> 12 & 0x3f);
        to[bytes++] = (byte) (0x80 | point >> 6 & 0x3f);
        to[bytes++] = (byte) (0x80 | point & 0x3f);
      }
    }
    return codePoints > LONGEST ? -1 : bytes;
  }
}
