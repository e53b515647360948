package dev.lim.insight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.scoring.RowSet;
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
import dev.lim.web.Cursor;
import dev.lim.web.Limits;
import dev.lim.web.PageQuery;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Insight")
class ReproducibilityController {

  private static final String LISTING = "reproducibility";

  private final Runs runs;
  private final Scorings scorings;
  private final Resampling resampling;
  private final Strategies strategies;
  private final Limits limits;

  ReproducibilityController(
      Runs runs, Scorings scorings, Resampling resampling, Strategies strategies, Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.resampling = resampling;
    this.strategies = strategies;
    this.limits = limits;
  }

  @Schema(
      name = "Overlap",
      description = "Jaccard of the subsets of two such runs: shared / all in either")
  record Overlap(
      @Schema(example = "0.92") double mean,
      @Schema(description = "The 5th percentile of all pairs of replicates", example = "0.9")
          double low,
      @Schema(description = "The 95th percentile", example = "0.94") double high) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "InclusionItem")
  record Item(
      @Schema(description = "From 1, in the whole ranking", example = "1") int rank,
      @Schema(example = "prompt-0001") String sample,
      @Schema(example = "0.83") double score,
      @Schema(description = "Whether the run itself selects it") boolean selected,
      @Schema(description = "The share of replicates that select it", example = "0.98")
          double inclusion) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Reproducibility")
  record Answer(
      @JsonUnwrapped Head head,
      Selection selection,
      @Schema(description = "Samples in the run's own subset", example = "575") int size,
      @Schema(example = "100") int replicates,
      @Schema(example = "0") long seed,
      Overlap jaccard,
      @Schema(description = "What this means", example = "8.0 % of the subset is luck: ...")
          String text,
      @Schema(description = "Samples in an epoch, observed", example = "53196") long cells,
      @Schema(
              description =
                  "Those with a single rollout: they show nothing of luck and are kept, so that the true overlap is lower",
              example = "0")
          long single,
      List<Item> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @GetMapping(
      path = Api.ROOT + "/runs/{run}/reproducibility",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "getReproducibility",
      summary = "How much of the subset is luck?",
      description =
          """
          When you want to know how far to trust a subset, or whether two subsets differ by more than luck. A reward is \
          the mean of a few sampled answers; the same training run with other luck would rank other samples near the \
          border. Here every sample's rollouts are drawn anew from its own, scored and selected from, some hundred \
          times: the overlap of two such replicates is what two whole runs would share that differ in nothing but luck. \
          A mean of 0.92 says that 8 % of all samples in either subset are in one only. Each sample has its share of \
          replicates that select it: inclusion near 1 is sure, near 0.5 a coin toss. In the order of the ranking.\
          """)
  @ScoringQuery
  @SelectionQuery
  @Parameter(
      name = "replicates",
      in = ParameterIn.QUERY,
      description = "How many times the run is done again",
      schema = @Schema(type = "integer", minimum = "2", maximum = "1000", defaultValue = "100"))
  @Parameter(
      name = "seed",
      in = ParameterIn.QUERY,
      description = "Another seed, other luck; the same seed gives the same, on every instance",
      schema = @Schema(type = "integer", format = "int64", defaultValue = "0"))
  @PageQuery
  @Problems({ProblemType.OVERLOADED})
  @Nullable Answer reproducibility(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    Selection selection = Selection.of(query);
    int replicates = Resampling.replicates(query);
    long seed = Resampling.seed(query);
    int limit = limits.page(query);
    int from = Cursor.position(query, LISTING);
    query.done();
    RunState state = runs.read(run);
    if (Revalidation.runUnchanged(
        request, response, "json", state.incarnation(), state.revision())) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    Replicates made = resampling.of(scored, parameters, selection, replicates, seed);
    RowSet subset = selection.rows(scored);
    int size = scored.ranking().size();
    int to = (int) Math.min(size, (long) from + limit);
    List<Item> items = new ArrayList<>();
    for (int position = from; position < to; position++) {
      int row = scored.ranking().row(position);
      items.add(
          new Item(
              position + 1,
              scored.sample(row),
              scored.score(row),
              subset.contains(row),
              made.inclusion(row)));
    }
    return new Answer(
        scored.head(),
        selection,
        subset.size(),
        replicates,
        seed,
        new Overlap(made.mean(), made.percentile(0.05), made.percentile(0.95)),
        text(made, subset.size()),
        made.cells(),
        made.single(),
        items,
        to < size ? Cursor.encode(LISTING, "" + to) : null);
  }

  private static String text(Replicates made, int size) {
    if (size == 0) {
      return "The subset is empty.";
    }
    return "Two runs that differ in nothing but the luck of sampling share %s %% of the samples in either subset; the other %s %% is luck.%s"
        .formatted(
            Verdict.percent(made.mean()),
            Verdict.percent(1 - made.mean()),
            made.single() == 0
                ? ""
                : " More in truth: %d of %d cells have a single rollout, which shows nothing of luck."
                    .formatted(made.single(), made.cells()));
  }
}
