package dev.lim.selection;

import dev.lim.web.Query;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a strategy's own parameters, defaults filled in. Immutable; equal where all values
 * are.
 *
 * @param values by name, in the order in which the strategy lists them: {@link Double}, {@link
 *     Long}, {@link Boolean} or {@link String}
 */
public record OwnParameters(Map<String, Object> values) {

  public OwnParameters {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** As they are where none is given. */
  static OwnParameters defaults(List<StrategyParameter> parameters) {
    Map<String, Object> values = new LinkedHashMap<>();
    parameters.forEach(parameter -> values.put(parameter.name(), parameter.defaultValue()));
    return new OwnParameters(values);
  }

  /**
   * Reads them; what is wrong is rejected there.
   *
   * @param prefix stands before the name of each, as in {@code other.lo}; a {@code seed} that is
   *     not given under it is that without
   */
  static OwnParameters of(Query query, String prefix, List<StrategyParameter> parameters) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (StrategyParameter parameter : parameters) {
      String name = prefix + parameter.name();
      boolean shared =
          parameter.name().equals(StrategyParameter.SEED)
              && !query.has(name)
              && query.has(StrategyParameter.SEED);
      Object value = parameter.read(query, name);
      values.put(parameter.name(), shared ? parameter.read(query, StrategyParameter.SEED) : value);
    }
    return new OwnParameters(values);
  }

  /** The same with this seed, where there is one among them. */
  OwnParameters withSeed(long seed) {
    Map<String, Object> seeded = new LinkedHashMap<>(values);
    seeded.replace(StrategyParameter.SEED, seed);
    return new OwnParameters(seeded);
  }

  public double number(String name) {
    return (Double) value(name);
  }

  public long integer(String name) {
    return (Long) value(name);
  }

  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  public String choice(String name) {
    return (String) value(name);
  }

  private Object value(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("The strategy has no parameter " + name);
    }
    return value;
  }
}
