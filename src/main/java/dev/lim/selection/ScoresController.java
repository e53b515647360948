package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.reward.EpochColumn;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Scores")
class ScoresController {

  private final Runs runs;
  private final Scorings scorings;
  private final Strategies strategies;
  private final Limits limits;

  ScoresController(Runs runs, Scorings scorings, Strategies strategies, Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.strategies = strategies;
    this.limits = limits;
  }

  @Schema(name = "ScoredSample")
  record Item(
      @Schema(description = "From 1, in the whole ranking", example = "1") int rank,
      @Schema(example = "prompt-0001") String sample,
      @Schema(example = "0.83") double score,
      @Schema(description = "Mean over its observed epochs", example = "0.5") double meanReward,
      @Schema(description = "In its first observed epoch", example = "0") double firstReward,
      @Schema(description = "In its last observed epoch", example = "1") double lastReward,
      @Schema(description = "How many of the chosen epochs it was observed in", example = "10")
          int epochs) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ScorePage")
  record Page(
      @JsonUnwrapped Head head,
      List<Item> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @GetMapping(path = Api.ROOT + "/runs/{run}/scores", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "getScores",
      summary = "The ranking: every scored sample with its alignment score",
      description =
          """
          Samples by descending score; ties by sample id. A score near 1 means that the sample's rewards rise as the \
          model's average does: the paper kept those of 0.6 and more. Pages are positions in the ranking as it stands; \
          each says its revision. For one consistent list, ask for the subset.\
          """)
  @ScoringQuery
  @Parameter(
      name = "sort",
      in = ParameterIn.QUERY,
      description = "By descending score, ascending score, or sample id",
      schema =
          @Schema(
              type = "string",
              allowableValues = {"-score", "score", "sample"},
              defaultValue = "-score"))
  @PageQuery
  @Nullable Page scores(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    ScoringParameters parameters = ScoringParameters.of(query, limits, strategies);
    String sort = query.text("sort").orElse("-score");
    if (!List.of("-score", "score", "sample").contains(sort)) {
      query.reject("sort", "must be -score, score or sample");
    }
    int limit = limits.page(query);
    int from = Cursor.position(query, "scores" + sort);
    query.done();
    RunState state = runs.read(run);
    if (Revalidation.runUnchanged(
        request, response, "scores", state.incarnation(), state.revision())) {
      return null;
    }
    Scored scored = scorings.score(state, parameters);
    int size = scored.ranking().size();
    int to = (int) Math.min(size, (long) from + limit);
    List<Item> items = new ArrayList<>();
    for (int i = from; i < to; i++) {
      items.add(
          item(
              scored,
              switch (sort) {
                case "score" -> scored.ascending()[i];
                case "sample" -> scored.bySample()[i];
                default -> i;
              }));
    }
    return new Page(
        scored.head(), items, to < size ? Cursor.encode("scores" + sort, "" + to) : null);
  }

  private static Item item(Scored scored, int position) {
    int row = scored.ranking().row(position);
    Chosen chosen = scored.chosen();
    double sum = 0;
    double first = 0;
    double last = 0;
    int observed = 0;
    for (int epoch : chosen.epochs()) {
      EpochColumn column = chosen.column(epoch);
      if (column.observed(row)) {
        last = column.reward(row, chosen.reward());
        first = observed++ == 0 ? last : first;
        sum += last;
      }
    }
    return new Item(
        position + 1, scored.sample(row), scored.score(row), sum / observed, first, last, observed);
  }
}
