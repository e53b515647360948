package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.dataset.Samples;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.Api;
import dev.lim.web.Limits;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

@RestController
@Tag(name = "Subsets")
class SubsetController {

  private final Runs runs;
  private final Scorings scorings;
  private final Resampling resampling;
  private final Strategies strategies;
  private final Samples samples;
  private final SubsetWriter writer;
  private final JsonMapper json;
  private final Limits limits;

  SubsetController(
      Runs runs,
      Scorings scorings,
      Resampling resampling,
      Strategies strategies,
      Samples samples,
      SubsetWriter writer,
      JsonMapper json,
      Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.resampling = resampling;
    this.strategies = strategies;
    this.samples = samples;
    this.writer = writer;
    this.json = json;
    this.limits = limits;
  }

  @Schema(name = "SubsetItem")
  record Item(
      @Schema(description = "From 1, in the whole ranking", example = "1") int rank,
      @Schema(example = "prompt-0001") String sample,
      @Schema(example = "0.83") double score,
      @Schema(
              requiredMode = Schema.RequiredMode.NOT_REQUIRED,
              description =
                  "With inclusion=true: the share of replicates that select it; near 1 it is sure, near 0.5 a coin toss",
              example = "0.98")
          @Nullable Double inclusion) {}

  /** What {@link SubsetWriter} writes as JSON, for the documentation. */
  @Schema(name = "Subset")
  record Answer(
      @JsonUnwrapped Head head,
      Selection selection,
      @Schema(example = "575") int size,
      @Schema(
              description =
                  "How many of what solved=any selects no rollout solved: these pass a threshold while the average is low",
              example = "103")
          int neverSolved,
      @Schema(
              description = "How many of what solved=any selects all rollouts solved",
              example = "0")
          int alwaysSolved,
      @Schema(description = "Over its ids in byte order, each followed by a line feed")
          String sha256,
      List<Item> items) {}

  @GetMapping(path = Api.ROOT + "/runs/{run}/subset")
  @Operation(
      operationId = "selectSubset",
      summary = "Select the next training set from the ranking",
      description =
          """
          Give exactly one of threshold, top and fraction. The subset is live: computed from the rewards as they stand, \
          and streamed. format=records-ndjson gives back the lines that you uploaded for the dataset, ready to train on. \
          Mind neverSolved: while the average reward is low, prompts that nobody ever solves pass a threshold of 0.6; \
          solved=some drops them, and those that are always solved.\
          """)
  @ScoringQuery
  @SelectionQuery
  @FormatQuery
  @Parameter(
      name = "inclusion",
      in = ParameterIn.QUERY,
      description =
          "Beside each score, how sure the sample is: the share of replicates that select it, as /reproducibility has it;"
              + " with json, ndjson and csv",
      schema = @Schema(type = "boolean", defaultValue = "false"))
  @Parameter(
      name = "replicates",
      in = ParameterIn.QUERY,
      description = "With inclusion=true: how many times the run is done again. Default: 100",
      schema = @Schema(type = "integer", minimum = "2", maximum = "1000"))
  @Parameter(
      name = "seed",
      in = ParameterIn.QUERY,
      description =
          "With inclusion=true, or a strategy that draws: another seed, other luck. Default: 0",
      schema = @Schema(type = "integer", format = "int64"))
  @Problems({ProblemType.OVERLOADED})
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
  void subset(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    Selection selection = Selection.of(query);
    SubsetFormat format = SubsetFormat.of(query, request);
    boolean inclusion = query.flag("inclusion");
    int replicates = inclusion ? Resampling.replicates(query) : 0;
    long seed = inclusion ? Resampling.seed(query) : 0;
    if (inclusion && !format.hasScores()) {
      query.reject("inclusion", "has no place in this format: ask for json, ndjson or csv");
    }
    query.done();
    RunState state = runs.read(run);
    if (isUnchanged(request, response, format, state)) {
      return;
    }
    Scored scored = scorings.score(state, parameters);
    Subset subset = Subset.live(scored, selection, json);
    writer.send(
        inclusion
            ? subset.with(resampling.of(scored, parameters, selection, replicates, seed), scored)
            : subset,
        format,
        response);
  }

  private boolean isUnchanged(
      HttpServletRequest request,
      HttpServletResponse response,
      SubsetFormat format,
      RunState state) {
    String form = format.code();
    return format.hasRecords()
        ? Revalidation.unchanged(
            request,
            response,
            form,
            state.incarnation(),
            state.revision(),
            samples.revision(state.dataset()))
        : Revalidation.runUnchanged(request, response, form, state.incarnation(), state.revision());
  }
}
