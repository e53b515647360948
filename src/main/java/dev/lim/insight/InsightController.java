package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.selection.Head;
import dev.lim.selection.Scored;
import dev.lim.selection.ScoringParameters;
import dev.lim.selection.ScoringQuery;
import dev.lim.selection.Scorings;
import dev.lim.selection.Strategies;
import dev.lim.web.Api;
import dev.lim.web.Limits;
import dev.lim.web.Query;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping(path = Api.ROOT + "/runs/{run}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Insight")
class InsightController {

  private final Runs runs;
  private final Scorings scorings;
  private final Strategies strategies;
  private final Limits limits;

  InsightController(Runs runs, Scorings scorings, Strategies strategies, Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.strategies = strategies;
    this.limits = limits;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "CurveAnswer")
  record CurveAnswer(@JsonUnwrapped Head head, List<Curve.Item> items) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "DistributionAnswer")
  record DistributionAnswer(@JsonUnwrapped Head head, @JsonUnwrapped Distribution distribution) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "TrajectoriesAnswer")
  record TrajectoriesAnswer(@JsonUnwrapped Head head, List<Trajectories.Item> items) {}

  @GetMapping("/curve")
  @Operation(
      operationId = "getCurve",
      summary = "The model's average reward by epoch",
      description =
          "The curve that samples are measured against, and beside it the mean over those that were really observed.")
  @ScoringQuery
  @Nullable CurveAnswer curve(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Query query = Query.of(request);
    ScoringParameters parameters = parameters(run, query);
    query.done();
    RunState state = runs.read(run);
    if (unchanged(request, response, state)) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    return new CurveAnswer(scored.head(), Curve.of(scored));
  }

  @GetMapping("/distribution")
  @Operation(
      operationId = "getDistribution",
      summary = "How the scores are spread: a histogram",
      description =
          "A bin holds scores from its lower edge up to its upper edge; the last one its upper edge"
              + " too. Use it to choose a threshold.")
  @ScoringQuery
  @Parameter(
      name = "bins",
      in = ParameterIn.QUERY,
      description = "How many bins of the same width",
      schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "40"))
  @Parameter(
      name = "low",
      in = ParameterIn.QUERY,
      description = "Where the first bin begins",
      schema = @Schema(type = "number", defaultValue = "-1"))
  @Parameter(
      name = "high",
      in = ParameterIn.QUERY,
      description = "Where the last bin ends",
      schema = @Schema(type = "number", defaultValue = "1"))
  @Nullable DistributionAnswer distribution(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Query query = Query.of(request);
    ScoringParameters parameters = parameters(run, query);
    int bins = query.whole("bins", 1, 1_000).orElse(40);
    double low = query.number("low").orElse(-1);
    double high = query.number("high").orElse(1);
    if (!(low < high) || !Double.isFinite(high - low)) {
      query.reject(
          query.has("high") ? "high" : "low", "low must be below high, at a finite distance");
    }
    query.done();
    RunState state = runs.read(run);
    if (unchanged(request, response, state)) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    return new DistributionAnswer(scored.head(), Distribution.of(scored, bins, low, high));
  }

  @GetMapping("/trajectories")
  @Operation(
      operationId = "getTrajectories",
      summary = "Single samples through the epochs",
      description =
          "The reward of up to 100 samples in every chosen epoch they were observed in, and their"
              + " score as it stood after that epoch.")
  @ScoringQuery
  @Parameter(
      name = "sample",
      in = ParameterIn.QUERY,
      required = true,
      description = "A sample's id; repeat it for more",
      example = "[\"prompt-0001\"]",
      array = @ArraySchema(schema = @Schema(type = "string"), maxItems = 100))
  @Nullable TrajectoriesAnswer trajectories(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Query query = Query.of(request);
    ScoringParameters parameters = parameters(run, query);
    LinkedHashSet<String> samples = new LinkedHashSet<>(query.texts("sample"));
    if (samples.isEmpty() || samples.size() > limits.trajectories()) {
      query.reject("sample", "give 1 to " + limits.trajectories() + " samples");
    }
    query.done();
    RunState state = runs.read(run);
    if (unchanged(request, response, state)) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    return new TrajectoriesAnswer(
        scored.head(), Trajectories.of(scored, scorings, List.copyOf(samples)));
  }

  private ScoringParameters parameters(String run, Query query) {
    Slug.inPath("run", run);
    return ScoringParameters.of(query, limits, strategies);
  }

  private static boolean unchanged(
      HttpServletRequest request, HttpServletResponse response, RunState state) {
    return Revalidation.runUnchanged(
        request, response, "json", state.incarnation(), state.revision());
  }
}
