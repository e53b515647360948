package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * The parameters of a request, read strictly: what is unknown, given twice, ill-typed or out of
 * range is collected, and {@link #done()} refuses them together. They stand in the query of a GET,
 * or in the JSON body of a POST, whose fields have the same names and are read by the same code;
 * there, numbers and booleans are those of JSON, and null is the default. Not thread-safe.
 */
public final class Query {

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern COUNT = Pattern.compile("[0-9]{1,64}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]{1,64}(\\.[0-9]{0,64})?|\\.[0-9]{1,64})([eE][+-]?[0-9]{1,3})?");

  /** Where the parameters stand. */
  private interface Source {

    boolean has(String name);

    /** As written; null where it is absent, or rejected because it is none of {@code kind}. */
    @Nullable String single(String name, Kind kind, String rule);

    List<String> several(String name);

    void reject(String name, String detail);

    void done();

    /** What a problem that is found later, with what was read, is to the client. */
    ProblemException told(ProblemException problem);
  }

  /** What a value must be in JSON. */
  private enum Kind {
    TEXT(JsonToken.VALUE_STRING),
    FLAG(JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE),
    WHOLE(JsonToken.VALUE_NUMBER_INT),
    NUMBER(JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT);

    private final JsonToken[] tokens;

    Kind(JsonToken... tokens) {
      this.tokens = tokens;
    }
  }

  private final Source source;

  private Query(Source source) {
    this.source = source;
  }

  public static Query of(HttpServletRequest request) {
    return new Query(new UrlQuery(new LinkedHashMap<>(request.getParameterMap())));
  }

  /**
   * The same parameters as fields of a body; what is wrong with them is 422 and named by a pointer.
   * Other fields may be read from the body itself, before {@link #done()} of either.
   */
  public static Query of(JsonObject body) {
    return new Query(new Body(body));
  }

  /** Says that this parameter is wrong; {@link #done()} will refuse the request. */
  public void reject(String name, String detail) {
    source.reject(name, detail);
  }

  public Optional<String> text(String name) {
    return Optional.ofNullable(source.single(name, Kind.TEXT, "must be a text"));
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

  /** All values of a parameter that may be repeated; in a body, a list. */
  public List<String> texts(String name) {
    return source.several(name);
  }

  public boolean has(String name) {
    return source.has(name);
  }

  public boolean flag(String name) {
    String rule = "must be true or false";
    String value = source.single(name, Kind.FLAG, rule);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (!value.equals("true")) {
      reject(name, rule);
    }
    return true;
  }

  public OptionalInt whole(String name, int least, int most) {
    String rule =
        most == Integer.MAX_VALUE
            ? "must be a whole number, " + least + " or more"
            : "must be a whole number from " + least + " to " + most;
    return whole(name, least, most, rule)
        .map(number -> OptionalInt.of(number.intValue()))
        .orElse(OptionalInt.empty());
  }

  /** A whole number of 64 bits, such as a seed. */
  public OptionalLong whole64(String name) {
    return whole(name, Long.MIN_VALUE, Long.MAX_VALUE, "must be a whole number that fits 64 bits")
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  private Optional<Long> whole(String name, long least, long most, String rule) {
    String value = source.single(name, Kind.WHOLE, rule);
    if (value == null) {
      return Optional.empty();
    }
    if (WHOLE.matcher(value).matches()) {
      BigInteger number = new BigInteger(value);
      if (number.compareTo(BigInteger.valueOf(least)) >= 0
          && number.compareTo(BigInteger.valueOf(most)) <= 0) {
        return Optional.of(number.longValueExact());
      }
    }
    reject(name, rule);
    return Optional.empty();
  }

  /** A whole number of which anything above {@code int} means the same: all. */
  public OptionalInt count(String name, int least) {
    String rule = "must be a whole number, " + least + " or more";
    String value = source.single(name, Kind.WHOLE, rule);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (COUNT.matcher(value).matches()) {
      BigInteger number = new BigInteger(value);
      if (number.compareTo(BigInteger.valueOf(least)) >= 0) {
        return OptionalInt.of(number.min(BigInteger.valueOf(Integer.MAX_VALUE)).intValue());
      }
    }
    reject(name, rule);
    return OptionalInt.empty();
  }

  /** A finite decimal number as written: exact. */
  public Optional<BigDecimal> decimal(String name) {
    String rule = "must be a finite decimal number";
    String value = source.single(name, Kind.NUMBER, rule);
    if (value == null) {
      return Optional.empty();
    }
    if (DECIMAL.matcher(value).matches()) {
      BigDecimal number = new BigDecimal(value);
      if (Double.isFinite(number.doubleValue())) {
        return Optional.of(number);
      }
    }
    reject(name, rule);
    return Optional.empty();
  }

  public OptionalDouble number(String name) {
    return decimal(name)
        .map(number -> OptionalDouble.of(number.doubleValue()))
        .orElse(OptionalDouble.empty());
  }

  /** A number that is finite as float32 too. */
  public Optional<Float> float32(String name) {
    Optional<BigDecimal> number = decimal(name);
    if (number.isPresent() && !Float.isFinite(number.get().floatValue())) {
      reject(name, "must be finite as float32");
      return Optional.empty();
    }
    return number.map(BigDecimal::floatValue);
  }

  /**
   * Ends the reading.
   *
   * @throws ProblemException where a parameter is unknown or was found wrong: 400, or 422 in a body
   */
  public void done() {
    source.done();
  }

  /**
   * Does something with what was read. What only then turns out to be wrong with a parameter, such
   * as an epoch that the run does not have, is told as {@link #done()} tells it.
   */
  public <T> T use(Supplier<T> action) {
    try {
      return action.get();
    } catch (ProblemException e) {
      throw source.told(e);
    }
  }

  private static final class UrlQuery implements Source {

    private final Map<String, String[]> given;
    private final Set<String> known = new HashSet<>();
    private final Violations violations = new Violations();

    UrlQuery(Map<String, String[]> given) {
      this.given = given;
    }

    @Override
    public boolean has(String name) {
      return given.containsKey(name);
    }

    @Override
    public @Nullable String single(String name, Kind kind, String rule) {
      known.add(name);
      String[] values = given.get(name);
      if (values == null) {
        return null;
      }
      if (values.length > 1) {
        reject(name, "is given more than once");
      }
      return values[0];
    }

    @Override
    public List<String> several(String name) {
      known.add(name);
      String[] values = given.get(name);
      return values == null ? List.of() : List.of(values);
    }

    @Override
    public void reject(String name, String detail) {
      violations.add(Violation.of(name, detail));
    }

    @Override
    public void done() {
      for (String name : given.keySet()) {
        if (!known.contains(name)) {
          reject(
              name.length() <= 100 ? name : name.substring(0, 100),
              "is not a parameter of this call"
                  + (known.isEmpty() ? "" : "; these are: " + names()));
        }
      }
      if (!violations.isEmpty()) {
        throw violations.asProblem(ProblemType.INVALID_PARAMETER);
      }
    }

    @Override
    public ProblemException told(ProblemException problem) {
      return problem;
    }

    private String names() {
      return String.join(", ", known.stream().sorted().toList());
    }
  }

  private record Body(JsonObject body) implements Source {

    @Override
    public boolean has(String name) {
      return body.has(name) && !body.isNull(name);
    }

    @Override
    public @Nullable String single(String name, Kind kind, String rule) {
      return body.scalar(name, rule, kind.tokens);
    }

    @Override
    public List<String> several(String name) {
      return body.list(name);
    }

    @Override
    public void reject(String name, String detail) {
      body.reject(name, detail);
    }

    @Override
    public void done() {
      body.done();
    }

    @Override
    public ProblemException told(ProblemException problem) {
      return problem.inBody();
    }
  }
}
