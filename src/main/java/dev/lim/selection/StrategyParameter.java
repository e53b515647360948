package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lim.web.Query;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of a strategy's own: how it is read, and what users read about it. Immutable.
 *
 * @param defaultValue a {@link Double}, {@link Long}, {@link Boolean} or {@link String}, by its
 *     type
 * @param choices the words of a choice
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "StrategyParameter", description = "A parameter of a strategy's own")
public record StrategyParameter(
    @Schema(example = "lo") String name,
    Type type,
    @JsonProperty("default")
        @Schema(name = "default", description = "What it is where it is not given", example = "0")
        Object defaultValue,
    @Schema(description = "What it may be, in words", example = "from 0 to below 1") String range,
    @Schema(description = "The least value, included", example = "0") @Nullable Number minimum,
    @Schema(description = "It must be above this") @Nullable Number exclusiveMinimum,
    @Schema(description = "The greatest value, included") @Nullable Number maximum,
    @Schema(description = "It must be below this", example = "1") @Nullable Number exclusiveMaximum,
    @Schema(description = "The words that there are") @Nullable List<String> choices,
    @Schema(example = "Drops a sample whose pass rate is not above this") String description) {

  /** Shared by all that is drawn by chance in a request. */
  static final String SEED = "seed";

  /** How a value is written. */
  @Schema(name = "StrategyParameterType")
  public enum Type {
    @JsonProperty("number")
    NUMBER,
    @JsonProperty("integer")
    INTEGER,
    @JsonProperty("boolean")
    BOOLEAN,
    @JsonProperty("choice")
    CHOICE
  }

  /** A finite number of any size; see {@link #least} and its like. */
  static StrategyParameter number(String name, double defaultValue, String description) {
    return of(name, Type.NUMBER, defaultValue, null, null, null, null, null, description);
  }

  /** A whole number of 64 bits. */
  static StrategyParameter integer(String name, long defaultValue, String description) {
    return of(name, Type.INTEGER, defaultValue, null, null, null, null, null, description);
  }

  static StrategyParameter flag(String name, boolean defaultValue, String description) {
    return of(name, Type.BOOLEAN, defaultValue, null, null, null, null, null, description);
  }

  /** One of some words. */
  static StrategyParameter choice(
      String name, String defaultValue, List<String> choices, String description) {
    return of(name, Type.CHOICE, defaultValue, null, null, null, null, choices, description);
  }

  /** The seed of a strategy that draws by chance. */
  static StrategyParameter seed() {
    return integer(
        SEED, 0, "Another seed, another draw; the same seed gives the same, on every instance");
  }

  /** The same, from this number on. */
  StrategyParameter least(Number least) {
    return of(
        name, type, defaultValue, least, null, maximum, exclusiveMaximum, choices, description);
  }

  /** The same, above this number. */
  StrategyParameter above(Number bound) {
    return of(
        name, type, defaultValue, null, bound, maximum, exclusiveMaximum, choices, description);
  }

  /** The same, up to this number. */
  StrategyParameter most(Number most) {
    return of(
        name, type, defaultValue, minimum, exclusiveMinimum, most, null, choices, description);
  }

  /** The same, below this number. */
  StrategyParameter below(Number bound) {
    return of(
        name, type, defaultValue, minimum, exclusiveMinimum, null, bound, choices, description);
  }

  private static StrategyParameter of(
      String name,
      Type type,
      Object defaultValue,
      @Nullable Number minimum,
      @Nullable Number exclusiveMinimum,
      @Nullable Number maximum,
      @Nullable Number exclusiveMaximum,
      @Nullable List<String> choices,
      String description) {
    String range =
        range(type, minimum, exclusiveMinimum, maximum, exclusiveMaximum, choices).strip();
    return new StrategyParameter(
        name,
        type,
        defaultValue,
        range,
        minimum,
        exclusiveMinimum,
        maximum,
        exclusiveMaximum,
        choices,
        description);
  }

  private static String range(
      Type type,
      @Nullable Number minimum,
      @Nullable Number exclusiveMinimum,
      @Nullable Number maximum,
      @Nullable Number exclusiveMaximum,
      @Nullable List<String> choices) {
    if (choices != null) {
      return "one of " + String.join(", ", choices);
    }
    String from =
        minimum != null
            ? "from " + minimum
            : exclusiveMinimum != null ? "above " + exclusiveMinimum : "";
    String to =
        maximum != null
            ? (from.isEmpty() ? "at most " : minimum != null ? " to " : " and at most ") + maximum
            : exclusiveMaximum != null
                ? (from.isEmpty() ? "below " : " and below ") + exclusiveMaximum
                : minimum != null ? " on" : "";
    if (!from.isEmpty() || !to.isEmpty()) {
      return from + to;
    }
    return switch (type) {
      case NUMBER -> "any finite number";
      case INTEGER -> "any whole number of 64 bits";
      case BOOLEAN -> "true or false";
      case CHOICE -> "";
    };
  }

  /** Reads it under this name; what is wrong is rejected there. */
  Object read(Query query, String as) {
    return switch (type) {
      case NUMBER -> {
        Optional<BigDecimal> number = query.decimal(as);
        yield number.isPresent() ? admitted(number.get(), query, as) : defaultValue;
      }
      case INTEGER -> {
        OptionalLong number = query.whole64(as);
        yield number.isPresent()
            ? admitted(BigDecimal.valueOf(number.getAsLong()), query, as)
            : defaultValue;
      }
      case BOOLEAN -> query.flag(as) || !query.has(as) && (Boolean) defaultValue;
      case CHOICE ->
          query
              .choice(
                  as,
                  word -> words().contains(word) ? Optional.of(word) : Optional.empty(),
                  String.join(", ", words()))
              .map(Object.class::cast)
              .orElse(defaultValue);
    };
  }

  private List<String> words() {
    return choices == null ? List.of() : choices;
  }

  private Object admitted(BigDecimal number, Query query, String as) {
    if (minimum != null && number.compareTo(decimal(minimum)) < 0
        || exclusiveMinimum != null && number.compareTo(decimal(exclusiveMinimum)) <= 0
        || maximum != null && number.compareTo(decimal(maximum)) > 0
        || exclusiveMaximum != null && number.compareTo(decimal(exclusiveMaximum)) >= 0) {
      query.reject(as, "must be " + range);
      return defaultValue;
    }
    return type == Type.INTEGER ? (Object) number.longValueExact() : number.doubleValue();
  }

  private static BigDecimal decimal(Number bound) {
    return new BigDecimal(bound.toString());
  }
}
