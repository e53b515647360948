package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lim.reward.RecentSteps;
import dev.lim.run.Runs;
import dev.lim.web.Api;
import dev.lim.web.JsonObject;
import dev.lim.web.Limits;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.RequestBodies;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.AbstractList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Draws")
class DrawController {

  private final Runs runs;
  private final Scorings scorings;
  private final Strategies strategies;
  private final RecentSteps steps;
  private final RequestBodies bodies;
  private final Limits limits;

  DrawController(
      Runs runs,
      Scorings scorings,
      Strategies strategies,
      RecentSteps steps,
      RequestBodies bodies,
      Limits limits) {
    this.runs = runs;
    this.scorings = scorings;
    this.strategies = strategies;
    this.steps = steps;
    this.bodies = bodies;
    this.limits = limits;
  }

  /** What {@link #draw} takes, for the documentation. */
  @Schema(
      name = "DrawRequest",
      description = "Also takes the strategy's own parameters, as GET /strategies lists them",
      additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
  record Body(
      @Schema(description = "How many", minimum = "1", maximum = "1000000", example = "8") int size,
      @Schema(description = "The rule that weighs", defaultValue = "lim", example = "pools")
          @Nullable String strategy,
      @Schema(
              description =
                  "Of 64 bits. The same seed and revision give the same draw. Default: one by chance, which the answer tells",
              example = "121")
          @Nullable Long seed,
      @Schema(description = "Whether a sample may be drawn again", defaultValue = "false")
          @Nullable Boolean replacement,
      @Nullable Exclusion exclude,
      @Schema(allowableValues = {"mean", "accuracy"}) @Nullable String reward,
      @Nullable Float correctAt,
      @Nullable Float rewardMax,
      @Schema(allowableValues = {"backfill", "exclude", "carry", "observed"})
          @Nullable String missing,
      @Nullable Integer minEpochs,
      @Nullable Integer from,
      @Schema(
              description =
                  "The last epoch to look at; name the current one to have its steps count before it is complete")
          @Nullable Integer through) {}

  @Schema(name = "DrawnSample")
  record Item(
      @Schema(example = "prompt-0001") String sample, @Schema(example = "1") double weight) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "DrawAnswer")
  record Answer(
      @JsonUnwrapped Head head,
      @Schema(example = "121") long seed,
      boolean replacement,
      @Schema(
              description =
                  "How many were drawn: fewer than asked for where no more have a weight above 0",
              example = "8")
          int size,
      @Schema(description = "How many could be drawn", example = "50") int candidates,
      @Schema(
              description = "How many more could have been, if they were not excluded",
              example = "0")
          int excluded,
      @Schema(description = "In the order in which they were drawn") List<Item> items) {}

  @PostMapping(path = Api.ROOT + "/runs/{run}/draws", produces = MediaType.APPLICATION_JSON_VALUE)
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED, ProblemType.RUN_TOO_LARGE})
  @Operation(
      operationId = "drawSamples",
      summary = "Draw the samples of the next training batch",
      description =
          """
          For a trainer that lets its rewards choose what to train on next: post the rewards of a step, draw the next \
          batch, and so on. Samples are drawn by the strategy's weights: the score of one that weighs (pools, greso, plr, \
          prioritized, ...), the nearness to the target of mopps and bots, and of another the score where it is above 0. \
          Without replacement (the default) one after another, by the weights of those that are left; size may come out \
          smaller than asked for, down to 0 where no weight is above 0. Nothing is stored: the answer is a function of \
          the seed and of the run at its revision, so take the step as the seed, and a trainer that resumes draws the same \
          again. exclude leaves out what was trained on lately. Only samples that the run has met can be drawn: make the \
          first pass over the dataset by yourself.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Body.class),
              examples =
                  @ExampleObject(
                      "{\"size\": 8, \"strategy\": \"pools\", \"seed\": 121, \"exclude\": {\"samples\": [\"prompt-0001\"]}}")))
  Answer draw(@Parameter(example = "demo") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query.of(request).done();
    JsonObject body = bodies.object(request, MediaType.APPLICATION_JSON_VALUE);
    Query query = Query.of(body);
    ScoringParameters given = ScoringParameters.of(query, limits, strategies);
    OptionalInt size = query.whole("size", 1, limits.samplesPerBatch());
    if (!query.has("size")) {
      query.reject("size", "must be given: how many samples to draw");
    }
    OptionalLong asked = query.whole64(StrategyParameter.SEED);
    boolean replacement = query.flag("replacement");
    Exclusion exclusion =
        body.object("exclude")
            .map(exclude -> Exclusion.of(exclude, limits))
            .orElseGet(Exclusion::none);
    query.done();
    long seed = asked.orElseGet(() -> ThreadLocalRandom.current().nextLong(1L << 32));
    Scored scored = query.use(() -> scorings.score(runs.read(run), given.withSeed(seed)));
    Draw drawn = Draw.of(scored, exclusion.rows(scored, steps), size.getAsInt(), replacement, seed);
    return new Answer(
        scored.head(),
        seed,
        replacement,
        drawn.rows().length,
        drawn.candidates(),
        drawn.excluded(),
        items(scored, drawn));
  }

  /** Made one by one as they are written. */
  private static List<Item> items(Scored scored, Draw drawn) {
    return new AbstractList<>() {

      @Override
      public Item get(int index) {
        int row = drawn.rows()[index];
        return new Item(scored.sample(row), drawn.weights()[row]);
      }

      @Override
      public int size() {
        return drawn.rows().length;
      }
    };
  }
}
