package dev.lim.web;

import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;

/** Streaming parsers for hostile JSON, and what to answer when they give up. */
public final class Json {

  /** No id, key or number that the service takes is nearly as long. */
  private static final int LONGEST_TOKEN = 1 << 13;

  /** Names are kept by the factory, thousands of them. */
  private static final int LONGEST_NAME = 1 << 10;

  private static final int LONGEST_NAME_IN_RECORD = 1 << 16;

  private Json() {}

  /** A factory of parsers that hold at most {@code depth} levels and no unreasonably long token. */
  public static JsonFactory factory(int depth) {
    return builder(depth, LONGEST_NAME).build();
  }

  /**
   * As {@link #factory}, for records that others made: their names may be long, and are not kept.
   * Texts of any length may be skipped.
   */
  public static JsonFactory factoryForRecords(int depth) {
    return builder(depth, LONGEST_NAME_IN_RECORD)
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .build();
  }

  /** A factory of parsers of what was stored after it had been read by one of the others. */
  public static JsonFactory factoryForStored() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(Integer.MAX_VALUE)
                .build())
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .build();
  }

  private static JsonFactoryBuilder builder(int depth, int longestName) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depth)
                .maxStringLength(LONGEST_TOKEN)
                .maxNameLength(longestName)
                .maxNumberLength(LONGEST_TOKEN)
                .build())
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER);
  }

  /**
   * A parser of JSON in UTF-8.
   *
   * @throws ProblemException 400 where the stream cannot be read
   */
  public static JsonParser parser(JsonFactory factory, InputStream in) {
    try {
      return factory.createParser(ObjectReadContext.empty(), new Utf8Input(in));
    } catch (JacksonIOException e) {
      throw unreadable(e);
    }
  }

  /** The problem for text that a parser could not go on with. */
  public static ProblemException malformed(JacksonException e, JsonParser parser) {
    if (e instanceof JacksonIOException io) {
      return unreadable(io);
    }
    String pointer = "#" + pointer(parser);
    if (e instanceof StreamConstraintsException) {
      int depth = parser.streamReadConstraints().getMaxNestingDepth();
      return parser.streamReadContext().getNestingDepth() > depth
          ? ProblemException.at(
              ProblemType.MALFORMED_BODY,
              "#",
              "The JSON is nested deeper than " + depth + " levels")
          : ProblemException.at(
              ProblemType.INVALID_CONTENT, pointer, "A string, name or number here is too long");
    }
    return ProblemException.at(
        ProblemType.MALFORMED_BODY,
        pointer,
        "This is not JSON in UTF-8, at column "
            + e.getLocation().getColumnNr()
            + " of its line "
            + e.getLocation().getLineNr()
            + " (NaN and Infinity are not JSON)");
  }

  private static ProblemException unreadable(JacksonIOException e) {
    return e.getCause() instanceof CharacterCodingException
        ? ProblemException.at(
            ProblemType.MALFORMED_BODY,
            "#",
            "This is not JSON in UTF-8: a byte here does not belong in it, or it begins with a byte"
                + " order mark")
        : RequestBodies.unreadable(e.getCause());
  }

  private static String pointer(JsonParser parser) {
    String path = parser.streamReadContext().pathAsPointer().toString();
    return path.length() <= 200 ? path : JsonPointer.empty().toString();
  }
}
