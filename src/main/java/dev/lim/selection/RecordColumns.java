package dev.lim.selection;

import dev.lim.web.Json;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The columns that records make: one for each top-level field, in the order in which the fields
 * first appear, of a type that holds every value that was met. First {@linkplain #learn learns} all
 * records, then {@linkplain #read reads} them. Not thread-safe.
 *
 * <p>No digit of a whole number is lost: one beyond 64 bits, or beyond 2^53 among numbers with a
 * fraction, makes a column of JSON texts, as do lists, objects, and values of several types.
 */
final class RecordColumns {

  /** What a column holds. */
  enum Kind {
    /** Nothing but nulls so far. */
    NONE,
    /** UTF-8, as {@code byte[]}. */
    TEXT,
    /** {@link Long}. */
    WHOLE,
    /** {@link Double}. */
    NUMBER,
    /** {@link Boolean}. */
    FLAG,
    /** The value as written in the record, in UTF-8, as {@code byte[]}. */
    JSON
  }

  /** The field by which the samples of a dataset are told apart; it is there in every record. */
  private static final String ID = "id";

  private static final int MOST = 500;
  private static final long EXACT_AS_DOUBLE = 1L << 53;
  private static final JsonFactory FACTORY = Json.factoryForStored();

  private final Map<String, Integer> index = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Boolean> wide = new ArrayList<>();
  private final List<String> left;

  /**
   * @param left names of fields that make no column
   */
  RecordColumns(String... left) {
    this.left = List.of(left);
  }

  private interface Visitor {

    /** The parser stands on the value. */
    void visit(int column, JsonParser parser);
  }

  /**
   * Learns what a record holds.
   *
   * @param record a JSON object, in UTF-8
   * @throws ProblemException 406 where there are too many fields for columns
   */
  void learn(byte[] record) {
    forEach(
        new String(record, StandardCharsets.UTF_8),
        true,
        (column, parser) -> {
          Kind kind = kind(parser);
          if (kind == Kind.NONE) {
            return;
          }
          boolean nowWide = wide.get(column) || kind == Kind.WHOLE && isWide(parser.getLongValue());
          Kind known = kinds.get(column);
          Kind both =
              known == Kind.NONE || known == kind
                  ? kind
                  : isNumber(known) && isNumber(kind) ? Kind.NUMBER : Kind.JSON;
          wide.set(column, nowWide);
          kinds.set(column, both == Kind.NUMBER && nowWide ? Kind.JSON : both);
        });
  }

  /** Makes the column that every record has, for when there is no record. */
  void learnNothing() {
    if (names.isEmpty()) {
      add(ID);
    }
  }

  int count() {
    return names.size();
  }

  String name(int column) {
    return names.get(column);
  }

  Kind kind(int column) {
    return kinds.get(column);
  }

  /**
   * Reads a record that was learnt.
   *
   * @param sample its id; takes the place of the JSON where some ids are texts and some are not
   * @param values takes each column's value; null where the record has none
   * @throws UncheckedIOException where the record is another one by now, and does not fit
   */
  void read(String sample, byte[] record, @Nullable Object[] values) {
    Arrays.fill(values, null);
    String text = new String(record, StandardCharsets.UTF_8);
    forEach(
        text,
        false,
        (column, parser) -> {
          boolean isId = kinds.get(column) == Kind.JSON && names.get(column).equals(ID);
          values[column] =
              isId
                  ? sample.getBytes(StandardCharsets.UTF_8)
                  : value(kinds.get(column), text, parser);
        });
  }

  private void forEach(String record, boolean add, Visitor to) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), record)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        Integer column = index.get(name);
        if (column == null && !left.contains(name)) {
          column = add ? add(name) : otherwise();
        }
        if (column != null) {
          to.visit(column, parser);
        }
        parser.skipChildren();
      }
    }
  }

  private int add(String name) {
    if (names.size() == MOST) {
      throw new ProblemException(
          ProblemType.NOT_ACCEPTABLE,
          "These records have more than "
              + MOST
              + " different fields, too many for columns; format=records-ndjson has them as they are");
    }
    index.put(name, names.size());
    names.add(name);
    kinds.add(Kind.NONE);
    wide.add(false);
    return names.size() - 1;
  }

  private static Kind kind(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> Kind.NONE;
      case VALUE_STRING -> isWellFormed(parser) ? Kind.TEXT : Kind.JSON;
      case VALUE_TRUE, VALUE_FALSE -> Kind.FLAG;
      case VALUE_NUMBER_FLOAT -> Double.isFinite(parser.getDoubleValue()) ? Kind.NUMBER : Kind.JSON;
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? Kind.JSON : Kind.WHOLE;
      default -> Kind.JSON;
    };
  }

  private static boolean isNumber(Kind kind) {
    return kind == Kind.WHOLE || kind == Kind.NUMBER;
  }

  private static boolean isWide(long number) {
    return number > EXACT_AS_DOUBLE || number < -EXACT_AS_DOUBLE;
  }

  /** Whether it can be told in UTF-8: an escape may have named half a character. */
  private static boolean isWellFormed(JsonParser parser) {
    char[] text = parser.getStringCharacters();
    int end = parser.getStringOffset() + parser.getStringLength();
    for (int i = parser.getStringOffset(); i < end; i++) {
      if (Character.isHighSurrogate(text[i])
          && i + 1 < end
          && Character.isLowSurrogate(text[i + 1])) {
        i++;
      } else if (Character.isSurrogate(text[i])) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Object value(Kind kind, String record, JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    return switch (kind) {
      case TEXT ->
          token == JsonToken.VALUE_STRING
              ? parser.getString().getBytes(StandardCharsets.UTF_8)
              : otherwise();
      case WHOLE -> token == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : otherwise();
      case NUMBER -> token.isNumeric() ? parser.getDoubleValue() : otherwise();
      case FLAG -> token.isBoolean() ? parser.getBooleanValue() : otherwise();
      case JSON -> asWritten(record, parser);
      case NONE -> otherwise();
    };
  }

  private static byte[] asWritten(String record, JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token.isNumeric() || token.isBoolean()) {
      return parser.getString().getBytes(StandardCharsets.UTF_8);
    }
    int from = (int) parser.currentTokenLocation().getCharOffset();
    if (token == JsonToken.VALUE_STRING) {
      parser.finishToken();
    } else {
      parser.skipChildren();
    }
    return record
        .substring(from, (int) parser.currentLocation().getCharOffset())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T otherwise() {
    throw new UncheckedIOException(
        new IOException("A record was replaced while the subset was written"));
  }
}
