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
import dev.lim.selection.Selection;
import dev.lim.selection.SelectionQuery;
import dev.lim.selection.Strategies;
import dev.lim.web.Api;
import dev.lim.web.Cursor;
import dev.lim.web.Limits;
import dev.lim.web.PageQuery;
import dev.lim.web.Query;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Insight")
class ComparisonController {

  private final Runs runs;
  private final Scorings scorings;
  private final Strategies strategies;
  private final Limits limits;

  ComparisonController(Runs runs, Scorings scorings, Strategies strategies, Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.strategies = strategies;
    this.limits = limits;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ComparisonAnswer")
  record Answer(
      @JsonUnwrapped Head head,
      @Schema(description = "The head of the other") Head other,
      Selection selection,
      @Schema(description = "Samples that both runs have met", example = "2000") int common,
      @Schema(description = "Of these, with a score in both", example = "1980") int scoredInBoth,
      @JsonUnwrapped Stability.Agreement agreement,
      @Schema(description = "What this run selects of the common samples", example = "500")
          int size,
      @Schema(description = "What the other selects of them", example = "500") int otherSize,
      @Schema(description = "Both select these", example = "450") int kept,
      @Schema(description = "Only the other selects these", example = "50") int entered,
      @Schema(description = "Only this run selects these", example = "50") int left,
      List<Comparison.Item> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @GetMapping(
      path = Api.ROOT + "/runs/{run}/compare/{other}",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "compareRuns",
      summary = "What do two runs, or two strategies, select differently?",
      description =
          """
          When a second model, seed or recipe was trained on the same prompts, and you want to know whether it would \
          choose the same training set; or, with the run itself as the other and otherStrategy, what another rule would \
          choose. Both are looked at on the samples that both runs have met, found by their ids; both cut their subset \
          among these. Who entered is selected by the other only, who left by this run only: change=entered lists them. \
          Hold the overlap against /reproducibility before you explain a difference: luck alone changes that much.\
          """)
  @ScoringQuery
  @SelectionQuery
  @Parameter(
      name = "otherStrategy",
      in = ParameterIn.QUERY,
      description =
          "The strategy that scores the other, its own parameters with the prefix other. as in other.seed=7. Default:"
              + " the same, with the same parameters",
      example = "random",
      schema = @Schema(type = "string"))
  @Parameter(
      name = "change",
      in = ParameterIn.QUERY,
      description = "Only items with this change",
      schema =
          @Schema(
              type = "string",
              allowableValues = {"kept", "entered", "left", "neither"}))
  @PageQuery
  @Nullable Answer compare(
      @Parameter(example = "demo") @PathVariable String run,
      @Parameter(description = "Another run, or the same", example = "demo") @PathVariable
          String other,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Slug.inPath("other", other);
    Query query = Query.of(request);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    ScoringParameters others =
        query.has("otherStrategy") ? parameters.other(query, strategies) : parameters;
    Selection selection = Selection.of(query);
    Optional<Comparison.Change> change =
        query.choice("change", Comparison.Change::of, Comparison.Change.codes());
    int limit = limits.page(query);
    int from = Cursor.position(query, "compare");
    query.done();
    RunState state = runs.read(run);
    RunState otherState = run.equals(other) ? state : runs.read(other);
    if (Revalidation.unchanged(
        request,
        response,
        "json",
        state.incarnation(),
        state.revision(),
        otherState.incarnation(),
        otherState.revision())) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    Scored otherScored = scorings.score(otherState, others);
    Comparison comparison = Comparison.of(scored, otherScored, selection);
    int[] rows = comparison.rows(change.orElse(null));
    int to = (int) Math.min(rows.length, (long) from + limit);
    int kept = comparison.kept();
    return new Answer(
        scored.head(),
        otherScored.head(),
        selection,
        comparison.common(),
        comparison.scoredInBoth(),
        comparison.agreement(),
        comparison.size(),
        comparison.otherSize(),
        kept,
        comparison.otherSize() - kept,
        comparison.size() - kept,
        Arrays.stream(rows, Math.min(from, to), to).mapToObj(comparison::item).toList(),
        to < rows.length ? Cursor.encode("compare", "" + to) : null);
  }
}
