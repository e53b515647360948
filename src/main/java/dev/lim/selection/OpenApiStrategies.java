package dev.lim.selection;

import dev.lim.selection.Strategy.Description;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.QueryParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;

/**
 * Documents each strategy's own parameters on every call that takes a {@code strategy}, after the
 * other parameters of scoring; and with a prefix where it takes another one.
 */
@Component
class OpenApiStrategies implements GlobalOpenApiCustomizer {

  private static final String LAST_OF_SCORING = "through";

  private final Strategies strategies;

  OpenApiStrategies(Strategies strategies) {
    this.strategies = strategies;
  }

  @Override
  public void customise(OpenAPI document) {
    document.getPaths().values().forEach(path -> path.readOperations().forEach(this::describe));
  }

  private void describe(Operation operation) {
    List<Parameter> parameters = operation.getParameters();
    if (parameters == null) {
      return;
    }
    List<Parameter> all = new ArrayList<>();
    for (Parameter parameter : parameters) {
      all.add(parameter);
      if (parameter.getName().equals("strategy") || parameter.getName().equals("otherStrategy")) {
        names(parameter.getSchema());
      }
      if (parameter.getName().equals("otherStrategy")) {
        all.addAll(own("other.", List.of()));
      }
      if (parameter.getName().equals(LAST_OF_SCORING)) {
        all.addAll(own("", parameters.stream().map(Parameter::getName).toList()));
      }
    }
    operation.setParameters(all);
  }

  @SuppressWarnings("unchecked") // The document's schemas are raw.
  private void names(@SuppressWarnings("rawtypes") Schema schema) {
    schema.setEnum(strategies.descriptions().stream().map(Description::strategy).toList());
  }

  /** One for each name, whatever the number of strategies that have it. */
  private List<Parameter> own(String prefix, List<String> taken) {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    for (Description strategy : strategies.descriptions()) {
      for (StrategyParameter parameter : strategy.parameters()) {
        String name = prefix + parameter.name();
        if (taken.contains(name)) {
          continue;
        }
        String text =
            "(strategy `%s`) %s; %s, default %s"
                .formatted(
                    strategy.strategy(),
                    parameter.description(),
                    parameter.range(),
                    parameter.defaultValue());
        Parameter known = byName.get(name);
        if (known == null) {
          byName.put(
              name, new QueryParameter().name(name).description(text).schema(schema(parameter)));
        } else {
          known.setDescription(known.getDescription() + ". " + text);
        }
      }
    }
    return List.copyOf(byName.values());
  }

  private static Schema<?> schema(StrategyParameter parameter) {
    Schema<Object> schema = new Schema<>();
    schema.addType(
        switch (parameter.type()) {
          case NUMBER -> "number";
          case INTEGER -> "integer";
          case BOOLEAN -> "boolean";
          case CHOICE -> "string";
        });
    return schema;
  }
}
