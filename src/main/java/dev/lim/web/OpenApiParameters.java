package dev.lim.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Documents what the calls' paths alone tell: the form of ids, and revalidation. */
@Component
class OpenApiParameters implements GlobalOpenApiCustomizer {

  private static final Map<String, String> PATH_PARAMETERS =
      Map.of(
          "run", "The run's id, chosen by you",
          "dataset", "The dataset's id, chosen by you",
          "epoch", "The pass over the dataset, from 1",
          "batch", "The batch's key, chosen by you: unique in its run and epoch",
          "attempt", "The attempt to begin: the run's current one + 1");

  private static final List<String> PLACES = List.of("path", "query", "header");

  @Override
  public void customise(OpenAPI document) {
    document
        .getComponents()
        .addHeaders(
            "ETag",
            new Header()
                .description("Stands for all that the answer depends on; weak")
                .schema(new StringSchema().example("W/\"5f0c8a1d2b3e4f5061728394\"")))
        .addHeaders(
            "Cache-Control",
            new Header()
                .description("Ask again each time")
                .schema(new StringSchema().example("no-cache")));
    document
        .getPaths()
        .forEach((address, path) -> {
          path.readOperations().forEach(OpenApiParameters::describe);
          if (address.startsWith(Api.ROOT + "/runs/{run}") && path.getGet() != null) {
            revalidate(path.getGet());
          }
        });
  }

  private static void describe(Operation operation) {
    if (operation.getParameters() == null) {
      return;
    }
    for (Parameter parameter : operation.getParameters()) {
      if (parameter.getIn().equals("path")) {
        if (parameter.getDescription() == null) {
          parameter.setDescription(PATH_PARAMETERS.get(parameter.getName()));
        }
        if (parameter.getSchema().getTypes().contains("string")) {
          parameter.getSchema().pattern("^" + Slug.REGEX + "$");
        }
      }
    }
    List<Parameter> sorted = new ArrayList<>(operation.getParameters());
    sorted.sort(Comparator.comparingInt(parameter -> PLACES.indexOf(parameter.getIn())));
    operation.setParameters(sorted);
  }

  private static void revalidate(Operation operation) {
    operation.addParametersItem(
        new HeaderParameter()
            .name("If-None-Match")
            .description("The `ETag` of an answer that you have: 304 where it is still good")
            .schema(new StringSchema()));
    ApiResponses responses = new ApiResponses();
    operation
        .getResponses()
        .forEach((status, response) -> {
          responses.addApiResponse(status, response);
          if (status.equals("200")) {
            responses.addApiResponse(
                "304", cached(new ApiResponse().description("Your copy is still good")));
            cached(response);
          }
        });
    operation.setResponses(responses);
  }

  private static ApiResponse cached(ApiResponse response) {
    return response
        .addHeaderObject("ETag", new Header().$ref("#/components/headers/ETag"))
        .addHeaderObject("Cache-Control", new Header().$ref("#/components/headers/Cache-Control"));
  }
}
