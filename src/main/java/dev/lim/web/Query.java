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
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request, read strictly: what is unknown, given twice, ill-typed or out of range is
 * collected, and {@link #done()} refuses them together. Not thread-safe.
 */
public final class Query {

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern COUNT = Pattern.compile("[0-9]{1,64}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]{1,64}(\\.[0-9]{0,64})?|\\.[0-9]{1,64})([eE][+-]?[0-9]{1,3})?");

  private final Map<String, String[]> given;
  private final Set<String> known = new HashSet<>();
  private final Violations violations = new Violations();

  private Query(Map<String, String[]> given) {
    this.given = given;
  }

  public static Query of(HttpServletRequest request) {
    return new Query(new LinkedHashMap<>(request.getParameterMap()));
  }

  /** Says that this parameter is wrong; {@link #done()} will refuse the request. */
  public void reject(String name, String detail) {
    violations.add(Violation.of(name, detail));
  }

  public Optional<String> text(String name) {
    return Optional.ofNullable(single(name));
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

  /** All values of a parameter that may be repeated. */
  public List<String> texts(String name) {
    known.add(name);
    String[] values = given.get(name);
    return values == null ? List.of() : List.of(values);
  }

  public boolean has(String name) {
    return given.containsKey(name);
  }

  public boolean flag(String name) {
    String value = single(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (!value.equals("true")) {
      reject(name, "must be true or false");
    }
    return true;
  }

  public OptionalInt whole(String name, int least, int most) {
    String value = single(name);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (WHOLE.matcher(value).matches()) {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return OptionalInt.of((int) number);
      }
    }
    reject(
        name,
        most == Integer.MAX_VALUE
            ? "must be a whole number, " + least + " or more"
            : "must be a whole number from " + least + " to " + most);
    return OptionalInt.empty();
  }

  /** A whole number of which anything above {@code int} means the same: all. */
  public OptionalInt count(String name, int least) {
    String value = single(name);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (COUNT.matcher(value).matches()) {
      BigInteger number = new BigInteger(value);
      if (number.compareTo(BigInteger.valueOf(least)) >= 0) {
        return OptionalInt.of(number.min(BigInteger.valueOf(Integer.MAX_VALUE)).intValue());
      }
    }
    reject(name, "must be a whole number, " + least + " or more");
    return OptionalInt.empty();
  }

  /** A finite decimal number as written: exact. */
  public Optional<BigDecimal> decimal(String name) {
    String value = single(name);
    if (value == null) {
      return Optional.empty();
    }
    if (DECIMAL.matcher(value).matches()) {
      BigDecimal number = new BigDecimal(value);
      if (Double.isFinite(number.doubleValue())) {
        return Optional.of(number);
      }
    }
    reject(name, "must be a finite decimal number");
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
   * @throws ProblemException 400, where a parameter is unknown or was found wrong
   */
  public void done() {
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        reject(
            name.length() <= 100 ? name : name.substring(0, 100),
            "is not a parameter of this call" + (known.isEmpty() ? "" : "; these are: " + names()));
      }
    }
    if (!violations.isEmpty()) {
      throw violations.asProblem(ProblemType.INVALID_PARAMETER);
    }
  }

  private String names() {
    return String.join(", ", known.stream().sorted().toList());
  }

  private @Nullable String single(String name) {
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
}
