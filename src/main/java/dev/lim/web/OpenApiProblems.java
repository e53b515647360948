package dev.lim.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lists in the OpenAPI document the problems that each call may answer with: those that its method
 * {@linkplain Problems names}, and those of every call of its kind. Each status is a shared
 * response that shows one example a type.
 */
@Component
class OpenApiProblems implements GlobalOperationCustomizer, GlobalOpenApiCustomizer {

  private static final Set<ProblemType> OF_ALL =
      EnumSet.of(
          ProblemType.MALFORMED_REQUEST,
          ProblemType.INVALID_PARAMETER,
          ProblemType.NOT_ACCEPTABLE,
          ProblemType.DATABASE_UNAVAILABLE);

  private static final Set<ProblemType> OF_BODIES =
      EnumSet.of(
          ProblemType.MALFORMED_BODY,
          ProblemType.REQUEST_TIMEOUT,
          ProblemType.BODY_TOO_LARGE,
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          ProblemType.INVALID_CONTENT,
          ProblemType.OVERLOADED);

  private static final String SEPARATOR = "_";

  private final JsonMapper json =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .build();

  @Override
  public Operation customize(Operation operation, HandlerMethod handler) {
    ApiResponses responses = new ApiResponses();
    responses.putAll(operation.getResponses());
    problems(handler).stream()
        .collect(Collectors.groupingBy(ProblemType::status, TreeMap::new, Collectors.toList()))
        .forEach((status, types) -> responses.addApiResponse("" + status, reference(types)));
    operation.setResponses(sorted(responses));
    return operation;
  }

  private static Set<ProblemType> problems(HandlerMethod handler) {
    Set<ProblemType> types = EnumSet.copyOf(OF_ALL);
    Set<RequestMethod> methods = methods(handler);
    if (!methods.contains(RequestMethod.GET)) {
      types.add(ProblemType.OTHER_SITE);
      if (!methods.contains(RequestMethod.DELETE)) {
        types.addAll(OF_BODIES);
      }
    }
    MergedAnnotations.from(handler.getMethod()).stream(Problems.class)
        .flatMap(named -> Arrays.stream(named.getEnumArray("value", ProblemType.class)))
        .forEach(types::add);
    return types;
  }

  private static Set<RequestMethod> methods(HandlerMethod handler) {
    RequestMapping mapping =
        AnnotatedElementUtils.findMergedAnnotation(handler.getMethod(), RequestMapping.class);
    return mapping == null ? Set.of() : Set.of(mapping.method());
  }

  private static ApiResponse reference(List<ProblemType> types) {
    String name = types.stream().map(OpenApiProblems::name).collect(Collectors.joining(SEPARATOR));
    return new ApiResponse().$ref("#/components/responses/" + name);
  }

  private static ApiResponses sorted(ApiResponses responses) {
    ApiResponses sorted = new ApiResponses();
    new TreeMap<>(responses).forEach(sorted::addApiResponse);
    return sorted;
  }

  /** Adds what the calls refer to. */
  @Override
  public void customise(OpenAPI document) {
    Components components = document.getComponents();
    ModelConverters.getInstance(true).readAll(Problem.class).forEach(components::addSchemas);
    components.addHeaders(
        "Retry-After",
        new Header()
            .description("After how many seconds to try again")
            .schema(new IntegerSchema().format(null).example(1)));
    document.getPaths().values().stream()
        .flatMap(path -> path.readOperations().stream())
        .flatMap(operation -> operation.getResponses().values().stream())
        .map(ApiResponse::get$ref)
        .filter(reference -> reference != null)
        .map(reference -> reference.substring(reference.lastIndexOf('/') + 1))
        .distinct()
        .sorted()
        .forEach(name -> components.addResponses(name, response(name)));
  }

  private ApiResponse response(String name) {
    List<ProblemType> types =
        Arrays.stream(name.split(SEPARATOR)).map(OpenApiProblems::named).toList();
    MediaType problem = new MediaType().schema(new Schema<>().$ref("#/components/schemas/Problem"));
    types.forEach(type -> problem.addExamples(name(type), example(type)));
    ApiResponse response =
        new ApiResponse()
            .description(
                types.stream()
                    .map(type -> "`%s`: %s".formatted(type.urn(), type.title()))
                    .collect(Collectors.joining("\n\n")))
            .content(new Content().addMediaType(Problem.MEDIA_TYPE, problem));
    int status = types.getFirst().status();
    if (status == 429 || status == 503) {
      response.addHeaderObject(
          "Retry-After", new Header().$ref("#/components/headers/Retry-After"));
    }
    return response;
  }

  private static String name(ProblemType type) {
    return type.urn().substring(type.urn().lastIndexOf(':') + 1);
  }

  private static ProblemType named(String name) {
    return Arrays.stream(ProblemType.values())
        .filter(type -> name(type).equals(name))
        .findFirst()
        .orElseThrow();
  }

  private Example example(ProblemType type) {
    return new Example().summary(type.title()).value(json.convertValue(problem(type), Map.class));
  }

  private static Problem problem(ProblemType type) {
    @Nullable Violation violation =
        switch (type) {
          case INVALID_PARAMETER ->
              Violation.of("through", "must be a whole number from 1 to 10000");
          case MALFORMED_BODY ->
              Violation.at(
                  "#/rewards/0/values/1",
                  "This is not JSON in UTF-8, at column 52 of its line 1 (NaN and Infinity are not JSON)");
          case INVALID_CONTENT -> Violation.at("#/rewards/0/values/1", "must be a number");
          case UNKNOWN_SAMPLES -> Violation.at("#/rewards/1/sample", "is not in the dataset");
          default -> null;
        };
    return new Problem(
        type.urn(),
        type.title(),
        type.status(),
        detail(type, violation),
        violation == null ? null : List.of(violation),
        violation == null ? null : 1,
        null,
        null);
  }

  private static String detail(ProblemType type, @Nullable Violation violation) {
    if (violation != null) {
      String where = violation.parameter() == null ? violation.pointer() : violation.parameter();
      return where + ": " + violation.detail();
    }
    return switch (type) {
      case MALFORMED_REQUEST -> "The query cannot be decoded: check its %-escapes";
      case OTHER_SITE -> "A page of another site may not write to this service";
      case RUN_NOT_FOUND -> "There is no run my-run; GET /api/v1/runs lists them";
      case DATASET_NOT_FOUND -> "There is no dataset my-dataset; GET /api/v1/datasets lists them";
      case BATCH_NOT_FOUND -> "Epoch 2 of run my-run has no batch step-5-rank-3 in force";
      case NOT_ACCEPTABLE -> "This can be had as application/json";
      case SETTINGS_DIFFER ->
          "Run my-run was created with other settings; PATCH changes how its rewards are read";
      case EPOCH_EXISTS ->
          "Epoch 1 was sent with other content: say replace=true if it is to be replaced";
      case BATCH_EXISTS ->
          "Batch step-5 was sent with other content: name a batch, as in step-5-rank-3, or begin an"
              + " attempt, or say replace=true";
      case EPOCH_HAS_BATCHES ->
          "Epoch 1 was sent in parts: delete its batches first, or send this as a batch too";
      case RUN_HAS_SUBSETS -> "Run my-run has frozen subsets: say force=true to delete them too";
      case RUN_FINISHED -> "Run my-run is finished: begin the next attempt to go on";
      case STALE_ATTEMPT -> "Run my-run is in attempt 2: send Lim-Attempt: 2";
      case ATTEMPT_DIFFERS ->
          "Attempt 2 was begun from another point: all ranks must resume from the same";
      case RUN_DELETED -> "Run my-run was deleted; PUT /api/v1/runs/my-run makes it anew";
      case BODY_TOO_LARGE ->
          "The body is larger than 67,108,864 bytes as sent: send it in parts, or as NDJSON, which"
              + " has no such limit";
      case UNSUPPORTED_MEDIA_TYPE -> "Send Content-Type: application/json in UTF-8";
      case TOO_MANY_WRITES -> "Run my-run has many writes waiting; send this again in a moment";
      case DATABASE_UNAVAILABLE ->
          "The database does not answer at present; nothing was changed by this request, try again";
      default -> type.title();
    };
  }
}
