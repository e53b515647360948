package dev.lim.run;

import dev.lim.dataset.Samples;
import dev.lim.run.RunBodies.Creation;
import dev.lim.web.Api;
import dev.lim.web.Cursor;
import dev.lim.web.Limits;
import dev.lim.web.PageQuery;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.RequestBodies;
import dev.lim.web.Revalidation;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping(path = Api.ROOT + "/runs", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Runs")
class RunController {

  private final Runs runs;
  private final RunContents contents;
  private final RunAnswers answers;
  private final ObjectProvider<DeletionGuard> guards;
  private final Samples samples;
  private final RequestBodies bodies;
  private final Limits limits;
  private final TransactionTemplate transaction;

  RunController(
      Runs runs,
      RunContents contents,
      RunAnswers answers,
      ObjectProvider<DeletionGuard> guards,
      Samples samples,
      RequestBodies bodies,
      Limits limits,
      TransactionTemplate transaction) {
    this.runs = runs;
    this.contents = contents;
    this.answers = answers;
    this.guards = guards;
    this.samples = samples;
    this.bodies = bodies;
    this.limits = limits;
    this.transaction = transaction;
  }

  @Schema(name = "RunPage")
  record Page(
      List<RunAnswer> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @PutMapping("/{run}")
  @Problems({ProblemType.SETTINGS_DIFFER})
  @Operation(
      operationId = "createRun",
      summary = "Create a run, or say again how it was created",
      description =
          """
          Safe to send at every start of a training job: 201 when the run is new, 200 when it was created with the same \
          settings (defaults filled in), 409 when with others. Later changes by PATCH do not count in this comparison; \
          tags are not compared, those given replace the old ones. All fields are optional, and so is the body.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = SettingsBody.class),
              examples =
                  @ExampleObject(
                      """
                      {"dataset": "my-dataset", "reward": "mean", "rewardMax": 1, "missing": "backfill", "batchesPerEpoch": 8, "tags": {"model": "qwen2.5-7b"}}\
                      """)))
  @ApiResponse(responseCode = "201", description = "Created")
  @ApiResponse(responseCode = "200", description = "It was there, created with these settings")
  ResponseEntity<RunAnswer> put(
      @Parameter(example = "my-run") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query.of(request).done();
    Creation creation =
        RunBodies.creation(bodies.object(request, MediaType.APPLICATION_JSON_VALUE), limits);
    String dataset = creation.dataset() == null ? run : creation.dataset();
    boolean created = transaction.execute(_ -> put(run, dataset, creation));
    return ResponseEntity.status(created ? 201 : 200).body(answers.of(run));
  }

  private boolean put(String run, String dataset, Creation creation) {
    samples.create(dataset);
    if (runs.create(run, dataset, creation.settings())) {
      return true;
    }
    Run held = runs.lockEvenIfDeleted(run).orElseThrow();
    if (held.deleted()) {
      held.begin(dataset, creation.settings());
      return true;
    }
    if (!held.wasCreatedWith(dataset, creation.settings())) {
      throw new ProblemException(
          ProblemType.SETTINGS_DIFFER,
          "Run "
              + run
              + " was created with other settings; PATCH changes how its rewards are read");
    }
    Map<String, String> tags = creation.settings().tags();
    if (creation.tagsGiven() && !tags.equals(held.settings().tags())) {
      held.read(held.settings().withTags(tags));
      held.nextRevision();
    }
    return false;
  }

  @PatchMapping("/{run}")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED})
  @Operation(
      operationId = "changeRun",
      summary = "Change how a run's rewards are read",
      description =
          """
          A JSON merge patch of the settings; null means the default again. Settings only say how rewards are read, so \
          they may change at any time, and all scores follow. The dataset cannot change.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = Api.MERGE_PATCH,
              schema = @Schema(implementation = PatchBody.class),
              examples = @ExampleObject("{\"missing\": \"exclude\", \"tags\": {\"note\": null}}")))
  RunAnswer patch(
      @Parameter(example = "my-run") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query.of(request).done();
    var body = bodies.object(request, Api.MERGE_PATCH, MediaType.APPLICATION_JSON_VALUE);
    transaction.executeWithoutResult(_ -> {
      Run held = runs.lock(run);
      RunSettings changed = RunBodies.patch(body, held.settings(), limits);
      if (!changed.equals(held.settings())) {
        held.read(changed);
        held.nextRevision();
      }
    });
    return answers.of(run);
  }

  @GetMapping
  @Operation(
      operationId = "listRuns",
      summary = "List runs",
      description =
          "In the order of their ids. Without their epochs: ask for one run to see these.")
  @Parameter(
      name = "tag",
      in = ParameterIn.QUERY,
      description =
          "Only runs with this tag, as name:value; repeat it for runs with all of several",
      array = @ArraySchema(schema = @Schema(type = "string")))
  @PageQuery
  Page list(HttpServletRequest request, HttpServletResponse response) {
    Query query = Query.of(request);
    int limit = limits.page(query);
    Optional<String> after = Cursor.of(query, "runs");
    Map<String, String> tags = new LinkedHashMap<>();
    for (String tag : query.texts("tag")) {
      int colon = tag.indexOf(':');
      if (colon < 1 || !RunBodies.isStorable(tag, 2048)) {
        query.reject("tag", "must be name:value");
      } else {
        tags.put(tag.substring(0, colon), tag.substring(colon + 1));
      }
    }
    query.done();
    List<RunState> page = runs.page(after.orElse(""), tags, limit + 1);
    response.setHeader("Cache-Control", "no-cache");
    return new Page(
        page.stream().limit(limit).flatMap(run -> answers.brief(run.run()).stream()).toList(),
        page.size() > limit ? Cursor.encode("runs", page.get(limit - 1).run()) : null);
  }

  @GetMapping("/{run}")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED})
  @Operation(
      operationId = "getRun",
      summary = "One run: its settings, state, and what it holds by epoch",
      description = "Cheap to poll: send the ETag back as If-None-Match.")
  @Nullable RunAnswer get(
      @Parameter(example = "demo") @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response) {
    Slug.inPath("run", run);
    Query.of(request).done();
    RunState state = runs.read(run);
    if (Revalidation.runUnchanged(
        request, response, "run", state.incarnation(), state.revision())) {
      return null;
    }
    return answers.of(run);
  }

  @PostMapping("/{run}/finish")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED, ProblemType.STALE_ATTEMPT})
  @Operation(
      operationId = "finishRun",
      summary = "Finish a run",
      description =
          """
          Its last epoch counts as complete from now on, and it takes no more rewards until a new attempt begins. \
          Finishing it again changes nothing.\
          """)
  @AttemptHeader
  RunAnswer finish(
      @Parameter(example = "my-run") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query.of(request).done();
    bodies.object(request, MediaType.APPLICATION_JSON_VALUE).done();
    int attempt = Attempt.of(request);
    transaction.executeWithoutResult(_ -> {
      Run held = runs.lock(run);
      held.requireCurrent(attempt);
      if (!held.finished()) {
        held.finish();
        held.nextRevision();
      }
    });
    return answers.of(run);
  }

  @DeleteMapping("/{run}")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED, ProblemType.RUN_HAS_SUBSETS})
  @Operation(
      operationId = "deleteRun",
      summary = "Delete a run with its rewards",
      description =
          """
          Refused while the run has frozen subsets, unless force=true. Until a PUT makes the run anew, writes to it get \
          410, so that a training job that is still alive does not bring it back.\
          """)
  @Parameter(
      name = "force",
      in = ParameterIn.QUERY,
      description = "Delete its frozen subsets too",
      schema = @Schema(type = "boolean", defaultValue = "false"))
  @ApiResponse(responseCode = "204", description = "Deleted")
  ResponseEntity<Void> delete(
      @Parameter(example = "my-run") @PathVariable String run, HttpServletRequest request) {
    Slug.inPath("run", run);
    Query query = Query.of(request);
    boolean force = query.flag("force");
    query.done();
    transaction.executeWithoutResult(_ -> {
      Run held = runs.lock(run);
      if (!force) {
        guards.stream()
            .flatMap(guard -> guard.objection(run).stream())
            .findFirst()
            .ifPresent(objection -> {
              throw new ProblemException(ProblemType.RUN_HAS_SUBSETS, objection);
            });
      }
      guards.forEach(guard -> guard.remove(run));
      contents.remove(run);
      runs.forget(run);
      held.delete();
    });
    return ResponseEntity.noContent().build();
  }

  /** The body of PUT, for the documentation. */
  @Schema(
      name = "RunSettings",
      description = "How a run's rewards are read; every field is optional",
      additionalProperties = AdditionalPropertiesValue.FALSE)
  record SettingsBody(
      @Schema(
              description = "The dataset; by default one with the run's own id",
              example = "my-dataset",
              pattern = Slug.REGEX)
          @Nullable String dataset,
      @Schema(
              description =
                  "mean: the mean of the rollout rewards; accuracy: the share of rollouts >= correctAt",
              allowableValues = {"mean", "accuracy"},
              defaultValue = "mean")
          @Nullable String reward,
      @Schema(
              description = "The reward from which a rollout counts as solved; default: rewardMax",
              example = "1")
          @Nullable Float correctAt,
      @Schema(description = "The highest possible reward, R", defaultValue = "1")
          @Nullable Float rewardMax,
      @Schema(
              description = "What becomes of a sample without rewards in some epoch",
              allowableValues = {"backfill", "exclude", "carry", "observed"},
              defaultValue = "backfill")
          @Nullable String missing,
      @Schema(description = "How many batches make an epoch complete", example = "8", minimum = "1")
          @Nullable Integer batchesPerEpoch,
      @Schema(description = "Refuse samples that the dataset does not know", defaultValue = "false")
          @Nullable Boolean closedDataset,
      @Schema(description = "Texts by name", example = "{\"model\": \"qwen2.5-7b\"}")
          @Nullable Map<String, String> tags) {}

  /** The body of PATCH, for the documentation. */
  @Schema(
      name = "RunPatch",
      description = "The settings to change; null brings the default back",
      additionalProperties = AdditionalPropertiesValue.FALSE)
  record PatchBody(
      @Schema(
              description = "mean or accuracy",
              types = {"string", "null"})
          @Nullable String reward,
      @Schema(
              description = "The reward from which a rollout counts as solved",
              types = {"number", "null"})
          @Nullable Float correctAt,
      @Schema(
              description = "The highest possible reward, R",
              types = {"number", "null"})
          @Nullable Float rewardMax,
      @Schema(
              description = "backfill, exclude, carry or observed",
              types = {"string", "null"})
          @Nullable String missing,
      @Schema(
              description = "How many batches make an epoch complete",
              types = {"integer", "null"})
          @Nullable Integer batchesPerEpoch,
      @Schema(
              description = "Refuse samples that the dataset does not know",
              types = {"boolean", "null"})
          @Nullable Boolean closedDataset,
      @Schema(
              description = "Tags to set; null takes one away",
              types = {"object", "null"})
          @Nullable Object tags) {}
}
