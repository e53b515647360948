package dev.lim.web;

import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A small JSON object from a request, read strictly: scalars, lists, and objects of these. {@link
 * #done()} refuses what no getter asked for, together with all that was found wrong. A body that
 * holds the same parameters as queries do is read by {@link Query#of(JsonObject)}. Not thread-safe.
 */
public final class JsonObject {

  /** A scalar as written, a nested object, or the elements of a list. */
  private record Value(
      JsonToken token, String text, @Nullable JsonObject object, List<Value> elements) {

    Value(JsonToken token, String text) {
      this(token, text, null, List.of());
    }
  }

  /** The pointer to this object. */
  private final String place;

  private final Map<String, Value> fields = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();
  private final List<JsonObject> taken = new ArrayList<>();

  /** Shared with the nested objects. */
  private final Violations violations;

  /** An object without fields. */
  JsonObject() {
    this("#", new Violations());
  }

  private JsonObject(String place, Violations violations) {
    this.place = place;
    this.violations = violations;
  }

  static JsonObject parse(byte[] bytes, int depth) {
    JsonObject object = new JsonObject();
    try (JsonParser parser = Json.parser(Json.factory(depth), new ByteArrayInputStream(bytes))) {
      try {
        object.read(parser);
      } catch (JacksonException e) {
        throw Json.malformed(e, parser);
      }
    }
    return object;
  }

  private void read(JsonParser parser) {
    if (parser.nextToken() == null) {
      throw ProblemException.at(ProblemType.MALFORMED_BODY, "#", "The body is blank");
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      requireEnd(parser);
      throw ProblemException.at(ProblemType.INVALID_CONTENT, "#", "must be an object");
    }
    readFields(parser);
    requireEnd(parser);
  }

  private JsonObject readFields(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      Value value =
          switch (token) {
            case START_OBJECT ->
                new Value(
                    token, "", new JsonObject(at(name), violations).readFields(parser), List.of());
            case START_ARRAY -> new Value(token, "", null, elements(parser));
            default -> scalar(parser);
          };
      if (fields.put(name, value) != null) {
        violations.at(at(name), "is given twice");
      }
    }
    return this;
  }

  private String at(String name) {
    return place + Violation.step(name);
  }

  private static Value scalar(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return new Value(token, token.isScalarValue() ? parser.getString() : "");
  }

  private static List<Value> elements(JsonParser parser) {
    List<Value> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(scalar(parser));
      parser.skipChildren();
    }
    return elements;
  }

  private static void requireEnd(JsonParser parser) {
    if (parser.nextToken() != null) {
      throw ProblemException.at(
          ProblemType.MALFORMED_BODY, "#", "Something follows the JSON value");
    }
  }

  /** Whether the field is there and null, which in a merge patch means: back to the default. */
  public boolean isNull(String name) {
    Value value = fields.get(name);
    return value != null && value.token == JsonToken.VALUE_NULL;
  }

  public boolean has(String name) {
    return fields.containsKey(name);
  }

  public Optional<String> text(String name) {
    return take(name, "must be a text", JsonToken.VALUE_STRING).map(Value::text);
  }

  /**
   * One of several words.
   *
   * @param of finds what a word stands for
   * @param words all of them, for the user
   */
  public <T> Optional<T> choice(String name, Function<String, Optional<T>> of, String words) {
    Optional<String> word = text(name);
    Optional<T> found = word.flatMap(of);
    if (word.isPresent() && found.isEmpty()) {
      reject(name, "must be one of " + words);
    }
    return found;
  }

  public Optional<Boolean> flag(String name) {
    return take(name, "must be true or false", JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE)
        .map(value -> value.token == JsonToken.VALUE_TRUE);
  }

  public Optional<Long> whole(String name, long least, long most) {
    String rule = "must be a whole number from " + least + " to " + most;
    Optional<Value> value = take(name, rule, JsonToken.VALUE_NUMBER_INT);
    if (value.isPresent()) {
      String text = value.get().text;
      if (text.length() <= 18 && Long.parseLong(text) >= least && Long.parseLong(text) <= most) {
        return Optional.of(Long.parseLong(text));
      }
      violations.at(at(name), rule);
    }
    return Optional.empty();
  }

  /** A number that is finite as float32. */
  public Optional<Float> float32(String name) {
    Optional<Value> value =
        take(name, "must be a number", JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT);
    if (value.isPresent()) {
      float number = Float.parseFloat(value.get().text);
      if (Float.isFinite(number)) {
        return Optional.of(number);
      }
      violations.at(at(name), "must be finite as float32");
    }
    return Optional.empty();
  }

  /** An object of texts; null stands where null was given. */
  public Optional<Map<String, @Nullable String>> texts(String name) {
    return take(name, "must be an object of texts", JsonToken.START_OBJECT)
        .map(value -> Objects.requireNonNull(value.object).texts());
  }

  private Map<String, @Nullable String> texts() {
    Map<String, @Nullable String> texts = new LinkedHashMap<>();
    fields.forEach((name, value) -> {
      switch (value.token) {
        case VALUE_STRING -> texts.put(name, value.text);
        case VALUE_NULL -> texts.put(name, null);
        default -> reject(name, "must be a text");
      }
    });
    return texts;
  }

  /** A nested object, which the {@link #done()} of this one ends as well. */
  public Optional<JsonObject> object(String name) {
    Optional<JsonObject> object =
        take(name, "must be an object", JsonToken.START_OBJECT)
            .map(value -> Objects.requireNonNull(value.object));
    object.ifPresent(taken::add);
    return object;
  }

  /**
   * Its fields but some, in one form for all bodies that say the same: in the order of their names,
   * without those that are null, numbers by their value. To be asked for once all are known to be
   * well; nested objects are left out.
   */
  public Map<String, Object> canonical(String... but) {
    Map<String, Object> canonical = new TreeMap<>();
    fields.forEach((name, value) -> {
      Object one = canonical(value);
      if (one != null && !List.of(but).contains(name)) {
        canonical.put(name, one);
      }
    });
    return canonical;
  }

  private static @Nullable Object canonical(Value value) {
    return switch (value.token) {
      case VALUE_STRING -> value.text;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new BigDecimal(value.text).stripTrailingZeros();
      case START_ARRAY ->
          value.elements.stream().map(JsonObject::canonical).filter(Objects::nonNull).toList();
      default -> null;
    };
  }

  /** A scalar as written; null where it is absent, null, or rejected by the rule. */
  @Nullable String scalar(String name, String rule, JsonToken... allowed) {
    return take(name, rule, allowed).map(Value::text).orElse(null);
  }

  /** A list of texts; whole numbers stand for their decimal texts. */
  public List<String> list(String name) {
    List<String> texts = new ArrayList<>();
    take(name, "must be a list of texts", JsonToken.START_ARRAY)
        .ifPresent(list -> {
          for (int i = 0; i < list.elements.size(); i++) {
            Value element = list.elements.get(i);
            if (element.token == JsonToken.VALUE_STRING
                || element.token == JsonToken.VALUE_NUMBER_INT) {
              texts.add(element.text);
            } else {
              violations.at(at(name) + "/" + i, "must be a text");
            }
          }
        });
    return texts;
  }

  /** Says that this field is wrong; {@link #done()} will refuse the request. */
  public void reject(String name, String detail) {
    violations.at(at(name), detail);
  }

  /**
   * Ends the reading.
   *
   * @throws ProblemException 422, where a field is unknown or was found wrong
   */
  public void done() {
    requireKnown();
    if (!violations.isEmpty()) {
      throw violations.asProblem(ProblemType.INVALID_CONTENT);
    }
  }

  private void requireKnown() {
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        violations.at(at(name), "is not a field of this body");
      }
    }
    taken.forEach(JsonObject::requireKnown);
  }

  private Optional<Value> take(String name, String rule, JsonToken... allowed) {
    known.add(name);
    Value value = fields.get(name);
    if (value == null || value.token == JsonToken.VALUE_NULL) {
      return Optional.empty();
    }
    for (JsonToken token : allowed) {
      if (value.token == token) {
        return Optional.of(value);
      }
    }
    violations.at(at(name), rule);
    return Optional.empty();
  }
}
