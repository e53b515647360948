package dev.lim.selection;

import dev.lim.selection.Strategy.Description;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** The strategies that there are, by name. Thread-safe. */
@Component
public class Strategies {

  private final Map<String, Strategy> byName = new TreeMap<>();

  Strategies(List<Strategy> strategies) {
    strategies.forEach(strategy -> byName.put(strategy.name(), strategy));
    Map<String, StrategyParameter.Type> types = new HashMap<>();
    for (Description description : descriptions()) {
      for (StrategyParameter parameter : description.parameters()) {
        StrategyParameter.Type known = types.putIfAbsent(parameter.name(), parameter.type());
        if (known != null && known != parameter.type()) {
          throw new IllegalStateException(parameter.name() + " is of two types");
        }
      }
    }
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  String names() {
    return String.join(", ", byName.keySet());
  }

  Strategy get(String name) {
    Strategy strategy = byName.get(name);
    if (strategy == null) {
      throw new IllegalArgumentException(name);
    }
    return strategy;
  }

  List<Description> descriptions() {
    return byName.values().stream().map(Strategy::description).toList();
  }
}
