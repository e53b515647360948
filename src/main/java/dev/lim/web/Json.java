package dev.lim.web;

import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/** Streaming parsers for hostile JSON, and what to answer when they give up. */
public final class Json {

  /** No id, key or number that the service takes is nearly as long. */
  private static final int LONGEST_TOKEN = 1 << 13;

  private Json() {}

  /**
   * A factory of parsers that hold at most {@code depth} levels and no token that is unreasonably
   * long.
   */
  public static JsonFactory factory(int depth) {
    return factory(depth, LONGEST_TOKEN);
  }

  /** As {@link #factory(int)}, for text that may hold strings of any length. */
  public static JsonFactory factory(int depth, int longestString) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depth)
                .maxStringLength(longestString)
                .maxNameLength(Math.max(LONGEST_TOKEN, longestString))
                .maxNumberLength(LONGEST_TOKEN)
                .build())
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .build();
  }

  public static JsonParser parser(JsonFactory factory, InputStream in) {
    return factory.createParser(ObjectReadContext.empty(), in);
  }

  public static JsonParser parser(JsonFactory factory, byte[] bytes, int length) {
    return factory.createParser(ObjectReadContext.empty(), bytes, 0, length);
  }

  /** The problem for text that a parser could not go on with. */
  public static ProblemException malformed(JacksonException e, JsonParser parser) {
    if (e instanceof JacksonIOException && e.getCause() instanceof IOException cause) {
      return RequestBodies.unreadable(cause);
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

  private static String pointer(JsonParser parser) {
    String path = parser.streamReadContext().pathAsPointer().toString();
    return path.length() <= 200 ? path : JsonPointer.empty().toString();
  }
}
