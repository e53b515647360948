package dev.lim.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Where the next page of a listing begins, opaque to clients: the kind of listing and a position in
 * it. A checksum tells a cursor that this service gave from one that somebody made up; it is no
 * secret, nothing hangs on it.
 */
public final class Cursor {

  // Fits an int, and no listing is longer.
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}|1[0-9]{9}|20[0-9]{8}");

  private Cursor() {}

  public static String encode(String kind, String position) {
    String text = kind + ' ' + position;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((text + ' ' + checksum(text)).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The slug that the query's {@code cursor} stands for; rejected where it is not one of this kind.
   */
  public static Optional<String> of(Query query, String kind) {
    return of(query, kind, Slug::matches);
  }

  private static Optional<String> of(Query query, String kind, Predicate<String> form) {
    Optional<String> given = query.text("cursor");
    if (given.isEmpty()) {
      return given;
    }
    Optional<String> position = decode(kind, given.get()).filter(form);
    if (position.isEmpty()) {
      query.reject(
          "cursor", "is not one that this listing gave: use `next` of the page before as it is");
    }
    return position;
  }

  /** As {@link #of}, for listings whose position is a whole number. */
  public static int position(Query query, String kind) {
    return of(query, kind, NUMBER.asMatchPredicate()).map(Integer::parseInt).orElse(0);
  }

  private static Optional<String> decode(String kind, String cursor) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf(' ');
    if (end < 0 || !text.startsWith(kind + ' ') || end <= kind.length()) {
      return Optional.empty();
    }
    String signed = text.substring(0, end);
    return signed.length() > kind.length() && text.substring(end + 1).equals(checksum(signed))
        ? Optional.of(signed.substring(kind.length() + 1))
        : Optional.empty();
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
