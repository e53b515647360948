package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.selection.Head;
import dev.lim.selection.Replicates;
import dev.lim.selection.Resampling;
import dev.lim.selection.Scored;
import dev.lim.selection.ScoringParameters;
import dev.lim.selection.ScoringQuery;
import dev.lim.selection.Scorings;
import dev.lim.selection.Selection;
import dev.lim.selection.SelectionQuery;
import dev.lim.selection.Strategies;
import dev.lim.web.Api;
import dev.lim.web.Limits;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Insight")
class StabilityController {

  private static final int REPLICATES = 20;
  private static final long SEED = 0;

  /** Cells times replicates that the verdict may cost: some tenths of a second. */
  private static final long CHEAP = 1 << 25;

  private final Runs runs;
  private final Scorings scorings;
  private final Resampling resampling;
  private final Strategies strategies;
  private final Limits limits;

  StabilityController(
      Runs runs, Scorings scorings, Resampling resampling, Strategies strategies, Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.resampling = resampling;
    this.strategies = strategies;
    this.limits = limits;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "StabilityAnswer")
  record Answer(@JsonUnwrapped Head head, List<Stability.Item> items, Verdict verdict) {}

  @GetMapping(
      path = Api.ROOT + "/runs/{run}/stability",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "getStability",
      summary = "Has the subset settled, so that the run can stop?",
      description =
          """
          When you measure prompts to choose a training set, and want to know whether more epochs would still change \
          it. For each epoch: the ranking and the subset as they stood after it, held against the epoch before and \
          against the last. The verdict says in words whether the subset has settled, since when, and by which rule. \
          Prefer top to threshold here: while the average reward is low a threshold lets in samples that were never \
          solved, and the subset looks steady long before it is.\
          """)
  @ScoringQuery
  @SelectionQuery
  @Problems({ProblemType.OVERLOADED})
  @Nullable Answer stability(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    Selection selection = Selection.of(query);
    query.done();
    RunState state = runs.read(run);
    if (Revalidation.runUnchanged(
        request, response, "json", state.incarnation(), state.revision())) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    requireWithinLimit(scored);
    Stability stability = Stability.of(scored, selection, scorings);
    double luck = luck(scored, parameters, selection);
    return new Answer(scored.head(), stability.items(), Verdict.of(stability, selection, luck));
  }

  /** Each epoch is ranked by itself, and most rules look at all epochs before it. */
  private void requireWithinLimit(Scored scored) {
    long epochs = scored.chosen().epochs().size();
    long most = limits.stabilityCells() / Math.max(1, scored.matrix().rows());
    if (epochs + epochs * epochs / 128 > most) {
      throw ProblemException.parameter(
          "from",
          "there are "
              + epochs
              + " epochs with rewards in what was chosen, too many to rank this many samples after each of them: choose"
              + " fewer by from and through, or raise lim.limits.stability-cells");
    }
  }

  /**
   * The Jaccard of two runs that differ in nothing but luck; NaN where it would cost much, or where
   * most cells have too few rollouts to tell.
   */
  private double luck(Scored scored, ScoringParameters parameters, Selection selection) {
    if (!resampling.isCheap(scored, REPLICATES, CHEAP)) {
      return Double.NaN;
    }
    Replicates made = resampling.of(scored, parameters, selection, REPLICATES, SEED);
    return 2 * made.single() < made.cells() ? made.mean() : Double.NaN;
  }
}
