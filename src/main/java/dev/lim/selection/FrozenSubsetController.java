package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.dataset.Samples;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.Api;
import dev.lim.web.Cursor;
import dev.lim.web.JsonObject;
import dev.lim.web.Limits;
import dev.lim.web.PageQuery;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.RequestBodies;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@RestController
@Tag(name = "Subsets")
class FrozenSubsetController {

  private static final String PATH = Api.ROOT + "/runs/{run}/subsets";

  private final Runs runs;
  private final Samples samples;
  private final Scorings scorings;
  private final Strategies strategies;
  private final FrozenSubsets subsets;
  private final SubsetWriter writer;
  private final RequestBodies bodies;
  private final JsonMapper json;
  private final Limits limits;

  FrozenSubsetController(
      Runs runs,
      Samples samples,
      Scorings scorings,
      Strategies strategies,
      FrozenSubsets subsets,
      SubsetWriter writer,
      RequestBodies bodies,
      JsonMapper json,
      Limits limits) {
    this.runs = runs;
    this.samples = samples;
    this.scorings = scorings;
    this.strategies = strategies;
    this.subsets = subsets;
    this.writer = writer;
    this.bodies = bodies;
    this.json = json;
    this.limits = limits;
  }

  /** The body of POST, for the documentation. */
  @Schema(
      name = "FreezeRequest",
      description =
          "A name, exactly one of threshold, top and fraction, and any parameter of GET .../subset, the strategy's"
              + " own among them; null is the default")
  record Body(
      @Schema(example = "final", pattern = Slug.REGEX) String name,
      @Schema(description = "Keep scores of at least this", example = "0.6")
          @Nullable Double threshold,
      @Schema(description = "Keep this many", minimum = "1") @Nullable Integer top,
      @Schema(description = "Keep this share, rounded up", maximum = "1")
          @Nullable BigDecimal fraction,
      @Schema(
              description = "some: first drop samples that were never or always solved",
              allowableValues = {"any", "some"})
          @Nullable String solved,
      @Schema(description = "The rule that scores", example = "lim") @Nullable String strategy,
      @Schema(allowableValues = {"mean", "accuracy"}) @Nullable String reward,
      @Nullable Float correctAt,
      @Nullable Float rewardMax,
      @Schema(allowableValues = {"backfill", "exclude", "carry", "observed"})
          @Nullable String missing,
      @Schema(minimum = "1") @Nullable Integer minEpochs,
      @Schema(minimum = "1") @Nullable Integer from,
      @Schema(minimum = "1") @Nullable Integer through) {}

  /** What {@link FrozenSubset#about} makes, for the documentation. */
  @Schema(name = "FrozenSubset", description = "A subset that never changes, and all that chose it")
  record About(
      @Schema(example = "final") String name,
      @Schema(example = "2026-01-31T12:00:00Z") String createdAt,
      @JsonUnwrapped Head head,
      @Schema(description = "The reward from which a rollout counted as solved", example = "1")
          float correctAt,
      @Schema(description = "The highest possible reward, R", example = "1") float rewardMax,
      @Schema(example = "1") int minEpochs,
      Selection selection,
      @Schema(description = "How many of what solved=any selects no rollout solved", example = "0")
          int neverSolved,
      @Schema(
              description = "How many of what solved=any selects all rollouts solved",
              example = "0")
          int alwaysSolved,
      @Schema(example = "575") int size,
      @Schema(description = "Over its ids in byte order, each followed by a line feed")
          String sha256) {}

  /** What {@link SubsetWriter} writes of a frozen subset, for the documentation. */
  @Schema(name = "FrozenSubsetWithItems")
  record Answer(@JsonUnwrapped About about, List<SubsetController.Item> items) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "FrozenSubsetPage")
  record Page(
      List<ObjectNode> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  /** As {@link Page}, for the documentation. */
  @Schema(name = "FrozenSubsetList")
  record DocumentedPage(
      List<About> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @PostMapping(path = PATH, produces = MediaType.APPLICATION_JSON_VALUE)
  @Problems({
    ProblemType.RUN_NOT_FOUND,
    ProblemType.RUN_DELETED,
    ProblemType.RUN_TOO_LARGE,
    ProblemType.SUBSET_DIFFERS
  })
  @Operation(
      operationId = "freezeSubset",
      summary = "Freeze the subset that a model is trained on, or a paper cites",
      description =
          """
          Selects as GET .../subset does, and keeps the answer under a name: its samples, ranks and scores, and all that \
          chose them. It never changes, whatever rewards, settings or versions of the service come later. Safe to send \
          again: the same request, or one that selects the same for the same reasons, is answered 200 with what was \
          frozen first; any other request for this name 409. Its samples are at GET .../subsets/{name}.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Body.class),
              examples =
                  @ExampleObject(
                      "{\"name\": \"final\", \"threshold\": 0.6, \"solved\": \"some\"}")))
  @ApiResponse(
      responseCode = "201",
      description = "Frozen",
      content = @Content(schema = @Schema(implementation = About.class)))
  @ApiResponse(
      responseCode = "200",
      description = "It was frozen before, by this request",
      content = @Content(schema = @Schema(implementation = About.class)))
  ResponseEntity<ObjectNode> freeze(
      @Parameter(example = "demo") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query.of(request).done();
    JsonObject body = bodies.object(request, MediaType.APPLICATION_JSON_VALUE);
    Optional<String> name = body.text("name");
    if (name.filter(Slug::matches).isEmpty()) {
      body.reject("name", Slug.RULE);
    }
    Query query = Query.of(body);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    Selection selection = Selection.of(query);
    query.done();
    FrozenSubsets.Frozen frozen =
        subsets.freeze(
            run,
            name.orElseThrow(),
            json.writeValueAsString(body.canonical("name")),
            parameters,
            selection,
            state -> query.use(() -> scorings.score(state, parameters)));
    return (frozen.created()
            ? ResponseEntity.created(
                URI.create(request.getRequestURI() + "/" + frozen.subset().name()))
            : ResponseEntity.ok())
        .body(frozen.subset().about(json));
  }

  @GetMapping(path = PATH, produces = MediaType.APPLICATION_JSON_VALUE)
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED})
  @Operation(
      operationId = "listSubsets",
      summary = "The run's frozen subsets",
      description =
          "In the order of their names, with what chose each of them; without their samples.")
  @PageQuery
  @ApiResponse(
      responseCode = "200",
      description = "A page of them",
      content = @Content(schema = @Schema(implementation = DocumentedPage.class)))
  @Nullable Page list(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    int limit = limits.page(query);
    Optional<String> after = Cursor.of(query, "subsets");
    query.done();
    RunState state = runs.read(run);
    if (Revalidation.unchanged(
        request, response, "subsets", state.incarnation(), subsets.count(run))) {
      return null;
    }
    List<FrozenSubset> page = subsets.page(run, after.orElse(""), limit + 1);
    return new Page(
        page.stream().limit(limit).map(subset -> subset.about(json)).toList(),
        page.size() > limit ? Cursor.encode("subsets", page.get(limit - 1).name()) : null);
  }

  @GetMapping(path = PATH + "/{name}")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED, ProblemType.SUBSET_NOT_FOUND})
  @Operation(
      operationId = "getSubset",
      summary = "A frozen subset: what chose it, and its samples",
      description =
          """
          What a paper cites and a training job reads: the same bytes for ever. Formats with records take these from the \
          dataset as it stands; ids, ranks and scores are the frozen ones. Cite the run, the name and the sha256.\
          """)
  @FormatQuery
  @ApiResponse(
      responseCode = "200",
      description = "The subset",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON_VALUE,
            schema = @Schema(anyOf = {Answer.class, String[].class, Object[].class})),
        @Content(mediaType = Api.NDJSON, schema = @Schema(type = "string")),
        @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
        @Content(mediaType = Api.PARQUET, schema = @Schema(type = "string", format = "binary"))
      })
  void get(
      @Parameter(example = "demo") @PathVariable String run,
      @Parameter(description = "The name that it was frozen under", example = "final") @PathVariable
          String name,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Slug.inPath("run", run);
    Slug.inPath("name", name);
    Query query = Query.of(request);
    SubsetFormat format = SubsetFormat.of(query, request);
    query.done();
    RunState state = runs.read(run);
    FrozenSubset frozen = subsets.get(run, name);
    long records = format.hasRecords() ? samples.revision(state.dataset()) : 0;
    if (Revalidation.unchanged(request, response, format.code(), state.incarnation(), records)) {
      return;
    }
    writer.send(subsets.load(frozen, state), format, response);
  }
}
