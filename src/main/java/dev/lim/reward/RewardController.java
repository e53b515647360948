package dev.lim.reward;

import dev.lim.run.Attempt;
import dev.lim.run.AttemptHeader;
import dev.lim.run.RunAnswer;
import dev.lim.run.RunAnswers;
import dev.lim.web.Admission;
import dev.lim.web.Api;
import dev.lim.web.Limits;
import dev.lim.web.NdjsonLines;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.RequestBodies;
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
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.json.JsonFactory;

@RestController
@RequestMapping(path = Api.ROOT + "/runs/{run}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Rewards")
class RewardController {

  private static final String EPOCH =
      """
      {"step": 1, "rewards": [{"sample": "prompt-0001", "values": [1, 0, 1, 1]}, {"sample": "prompt-0002", "values": [0, 0, 1, 0]}]}\
      """;

  private static final String BATCH =
      """
      {"step": 5, "rewards": [{"sample": "prompt-0001", "values": [1, 1, 1, 1]}, {"sample": "prompt-0002", "values": [0, 1, 1, 0]}]}\
      """;

  private static final String LINE =
      """
      {"epoch": 3, "batch": "step-9-rank-0", "step": 9, "rewards": [{"sample": "prompt-0001", "values": [1, 1]}]}\
      """;

  private static final String LINES =
      LINE
          + """

          {"epoch": 3, "batch": "step-9-rank-1", "step": 9, "rewards": [{"sample": "prompt-0002", "values": [1, 0]}]}
          """;

  private final Ingest ingest;
  private final RewardStream stream;
  private final RunChanges changes;
  private final RunAnswers answers;
  private final RequestBodies bodies;
  private final Admission admission;
  private final Limits limits;
  private final JsonFactory json;

  RewardController(
      Ingest ingest,
      RewardStream stream,
      RunChanges changes,
      RunAnswers answers,
      RequestBodies bodies,
      Admission admission,
      Limits limits) {
    this.ingest = ingest;
    this.stream = stream;
    this.changes = changes;
    this.answers = answers;
    this.bodies = bodies;
    this.admission = admission;
    this.limits = limits;
    this.json = BatchReader.factory(limits);
  }

  @PostMapping("/epochs/{epoch}/rewards")
  @Problems({
    ProblemType.EPOCH_EXISTS,
    ProblemType.EPOCH_HAS_BATCHES,
    ProblemType.RUN_FINISHED,
    ProblemType.RUN_DELETED,
    ProblemType.UNKNOWN_SAMPLES,
    ProblemType.TOO_MANY_WRITES,
    ProblemType.OVERLOADED
  })
  @Operation(
      operationId = "sendEpoch",
      summary = "Send a whole epoch",
      description =
          """
          All rewards of one epoch in one request; completes the epoch. The same again changes nothing; other content \
          is 409 epoch-exists, or replaces the epoch with replace=true. Creates the run if need be. For an epoch in \
          parts, as from several ranks, PUT batches instead.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = BatchBody.class),
              examples = @ExampleObject(EPOCH)))
  @AttemptHeader
  @ReplaceParameter
  @ApiResponse(responseCode = "201", description = "Added, and committed")
  @ApiResponse(responseCode = "200", description = "Replaced, or unchanged")
  ResponseEntity<Written> wholeEpoch(
      @Parameter(example = "my-run") @PathVariable String run,
      @Parameter(
              description = "The 1-based pass over the dataset",
              schema = @Schema(type = "integer", minimum = "1", maximum = "10000"),
              example = "1")
          @PathVariable
          String epoch,
      HttpServletRequest request)
      throws IOException {
    int number = epoch(epoch);
    Slug.inPath("run", run);
    try (InputStream body = bodies.json(request)) {
      boolean replace = replace(request);
      return answer(write(run, number, RewardLog.WHOLE, replace, body, request));
    }
  }

  @PutMapping("/epochs/{epoch}/batches/{batch}")
  @Problems({
    ProblemType.EPOCH_HAS_BATCHES,
    ProblemType.RUN_FINISHED,
    ProblemType.RUN_DELETED,
    ProblemType.UNKNOWN_SAMPLES,
    ProblemType.TOO_MANY_WRITES,
    ProblemType.OVERLOADED
  })
  @Operation(
      operationId = "sendBatch",
      summary = "Send a part of an epoch",
      description =
          """
          Under a key that you choose, such as step-5-rank-3. Batches of an epoch add up: a sample's rollouts are \
          pooled over all of them. Same key and same content: nothing changes. Same key and other content: the batch is \
          replaced, as by a step that was done again. Creates the run if need be.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = BatchBody.class),
              examples = @ExampleObject(BATCH)))
  @AttemptHeader
  @ApiResponse(responseCode = "201", description = "Added, and committed")
  @ApiResponse(responseCode = "200", description = "Replaced, or unchanged")
  ResponseEntity<Written> batch(
      @Parameter(example = "my-run") @PathVariable String run,
      @Parameter(
              description = "The 1-based pass over the dataset",
              schema = @Schema(type = "integer", minimum = "1", maximum = "10000"),
              example = "2")
          @PathVariable
          String epoch,
      @Parameter(description = "Unique in its run and epoch", example = "step-5-rank-3")
          @PathVariable
          String batch,
      HttpServletRequest request)
      throws IOException {
    int number = epoch(epoch);
    Slug.inPath("run", run);
    String key = Slug.inPath("batch", batch);
    try (InputStream body = bodies.json(request)) {
      Query.of(request).done();
      requireNotReserved(key);
      return answer(write(run, number, key, true, body, request));
    }
  }

  @DeleteMapping("/epochs/{epoch}/batches/{batch}")
  @Problems({
    ProblemType.RUN_NOT_FOUND,
    ProblemType.BATCH_NOT_FOUND,
    ProblemType.RUN_FINISHED,
    ProblemType.RUN_DELETED
  })
  @Operation(
      operationId = "takeBatchBack",
      summary = "Take a batch back",
      description =
          """
          Scores are then as if it had never been sent; it stays in the log. The key of an epoch that was sent whole is \
          `epoch`.\
          """)
  @AttemptHeader
  @ApiResponse(responseCode = "204", description = "Taken back")
  ResponseEntity<Void> takeBack(
      @Parameter(example = "my-run") @PathVariable String run,
      @Parameter(
              schema = @Schema(type = "integer", minimum = "1", maximum = "10000"),
              example = "2")
          @PathVariable
          String epoch,
      @Parameter(example = "step-5-rank-3") @PathVariable String batch,
      HttpServletRequest request) {
    int number = epoch(epoch);
    Slug.inPath("run", run);
    Slug.inPath("batch", batch);
    Query.of(request).done();
    changes.takeBack(run, Attempt.of(request), number, batch);
    return ResponseEntity.noContent().build();
  }

  @PostMapping("/rewards")
  @Problems({
    ProblemType.EPOCH_EXISTS,
    ProblemType.BATCH_EXISTS,
    ProblemType.EPOCH_HAS_BATCHES,
    ProblemType.RUN_FINISHED,
    ProblemType.RUN_DELETED,
    ProblemType.UNKNOWN_SAMPLES,
    ProblemType.OVERLOADED
  })
  @Operation(
      operationId = "streamRewards",
      summary = "Send many batches in one stream",
      description =
          """
          NDJSON, a batch a line, of any length: a whole run can be imported with one curl. Each line names its epoch. \
          With `batch` it is as PUT of that batch; with `step` alone the key is `step-<step>`; with neither it is a whole \
          epoch. A line without `batch` never replaces other content in silence, unless replace=true. Lines are atomic: \
          a bad one ends the stream with its problem, `line` and `committedLines`; those before it stay, and sending \
          the mended file again is safe. As application/json: one such object.\
          """)
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = Api.NDJSON,
            schema = @Schema(type = "string", description = "A `BatchLine` a line"),
            examples = @ExampleObject(LINES)),
        @Content(
            mediaType = MediaType.APPLICATION_JSON_VALUE,
            schema = @Schema(implementation = LineBody.class),
            examples = @ExampleObject(LINE))
      })
  @AttemptHeader
  @ReplaceParameter
  @ApiResponse(responseCode = "200", description = "All lines are committed")
  StreamAnswer stream(
      @Parameter(example = "my-run") @PathVariable String run, HttpServletRequest request)
      throws IOException {
    Slug.inPath("run", run);
    int attempt = Attempt.of(request);
    if (bodies.isNdjson(request)) {
      try (InputStream body = bodies.ndjson(request)) {
        boolean replace = replace(request);
        return stream.read(run, attempt, replace, new NdjsonLines(body, limits.lineBytes()));
      }
    }
    try (InputStream body = bodies.json(request)) {
      boolean replace = replace(request);
      return stream.one(run, attempt, replace, body);
    }
  }

  @PostMapping("/epochs/{epoch}/complete")
  @Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_FINISHED, ProblemType.RUN_DELETED})
  @Operation(
      operationId = "completeEpoch",
      summary = "Close an epoch",
      description =
          """
          Says that all of the epoch's batches are there, so that scores take it in. It still takes batches. Not needed \
          where the run has batchesPerEpoch, or a later epoch has rewards, or epochs are sent whole.\
          """)
  @AttemptHeader
  RunAnswer complete(
      @Parameter(example = "my-run") @PathVariable String run,
      @Parameter(
              schema = @Schema(type = "integer", minimum = "1", maximum = "10000"),
              example = "2")
          @PathVariable
          String epoch,
      HttpServletRequest request) {
    int number = epoch(epoch);
    Slug.inPath("run", run);
    Query.of(request).done();
    bodies.object(request, MediaType.APPLICATION_JSON_VALUE).done();
    changes.complete(run, Attempt.of(request), number);
    return answers.of(run);
  }

  private Written write(
      String run,
      int epoch,
      String key,
      boolean replaces,
      InputStream body,
      HttpServletRequest request) {
    try (Admission.Share share = admission.forRequest()) {
      return ingest.take(
          run,
          Attempt.of(request),
          ids -> {
            ParsedBatch parsed =
                new BatchReader(ids, limits, BatchReader.Form.BATCH, share).read(json, body);
            return new BatchWrite(epoch, key, parsed.step(), replaces, parsed);
          });
    }
  }

  private static boolean replace(HttpServletRequest request) {
    Query query = Query.of(request);
    boolean replace = query.flag("replace");
    query.done();
    return replace;
  }

  private static void requireNotReserved(String key) {
    if (key.equals(RewardLog.WHOLE)) {
      throw new ProblemException(
          ProblemType.INVALID_CONTENT,
          "The key `epoch` is reserved for whole epochs: choose another");
    }
  }

  private int epoch(String text) {
    if (text.matches("[0-9]{1,9}")
        && Integer.parseInt(text) >= 1
        && Integer.parseInt(text) <= limits.epochs()) {
      return Integer.parseInt(text);
    }
    throw ProblemException.parameter(
        "epoch", "must be a whole number from 1 to " + limits.epochs());
  }

  private static ResponseEntity<Written> answer(Written written) {
    return ResponseEntity.status(written.is(Written.Outcome.ADDED) ? 201 : 200).body(written);
  }

  /** The body of a batch, for the documentation. */
  @Schema(name = "Batch", additionalProperties = AdditionalPropertiesValue.FALSE)
  record BatchBody(
      @Schema(description = "The global optimiser step, from 1", example = "1") @Nullable Long step,
      @ArraySchema(minItems = 1) List<SampleRewards> rewards) {}

  @Schema(name = "BatchLine", additionalProperties = AdditionalPropertiesValue.FALSE)
  record LineBody(
      @Schema(example = "1") Integer epoch,
      @Schema(example = "step-1-rank-0") @Nullable String batch,
      @Schema(example = "1") @Nullable Long step,
      @ArraySchema(minItems = 1) List<SampleRewards> rewards) {}

  @Schema(
      name = "SampleRewards",
      description = "One sample's rollout rewards",
      additionalProperties = AdditionalPropertiesValue.FALSE)
  record SampleRewards(
      @Schema(
              description =
                  "The sample's id: 1 to 512 characters; a whole number is its decimal text",
              minLength = 1,
              maxLength = 512,
              example = "prompt-0001")
          String sample,
      @ArraySchema(
              minItems = 1,
              arraySchema = @Schema(description = "One reward a rollout", example = "[1, 0, 1, 1]"))
          List<Float> values) {

    SampleRewards {
      Objects.requireNonNull(values);
    }
  }

  @Schema(name = "StreamWritten")
  record StreamAnswer(
      @Schema(description = "Lines that held a batch", example = "2") long lines,
      @Schema(example = "2") long added,
      @Schema(example = "0") long replaced,
      @Schema(example = "0") long unchanged,
      @Schema(example = "9") long revision) {}

  @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
  @Parameter(
      name = "replace",
      in = ParameterIn.QUERY,
      description = "Replace other content in place of refusing",
      schema = @Schema(type = "boolean", defaultValue = "false"))
  @interface ReplaceParameter {}
}
