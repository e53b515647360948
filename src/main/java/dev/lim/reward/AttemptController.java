package dev.lim.reward;

import dev.lim.reward.RunChanges.Point;
import dev.lim.web.Api;
import dev.lim.web.JsonObject;
import dev.lim.web.ProblemException;
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
import io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Runs")
class AttemptController {

  private static final long FARTHEST = 1L << 53;

  private final RunChanges changes;
  private final RequestBodies bodies;

  AttemptController(RunChanges changes, RequestBodies bodies) {
    this.changes = changes;
    this.bodies = bodies;
  }

  @Schema(name = "Attempt")
  record Answer(
      @Schema(example = "2") int attempt,
      @Schema(description = "How many batches it discarded", example = "3") int discarded) {}

  @Schema(
      name = "ResumePoint",
      description = "From where the attempt goes on; at most one of them",
      additionalProperties = AdditionalPropertiesValue.FALSE)
  record PointBody(
      @Schema(description = "Batches of later steps are discarded", example = "120", minimum = "0")
          @Nullable Long afterStep,
      @Schema(description = "Batches of later epochs are discarded", example = "1", minimum = "0")
          @Nullable Integer afterEpoch) {}

  @PutMapping(
      path = Api.ROOT + "/runs/{run}/attempts/{attempt}",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Problems({
    ProblemType.RUN_NOT_FOUND,
    ProblemType.RUN_DELETED,
    ProblemType.ATTEMPT_DIFFERS,
    ProblemType.STALE_ATTEMPT
  })
  @Operation(
      operationId = "beginAttempt",
      summary = "Resume a run: begin its next attempt",
      description =
          """
          A training job that resumes from a checkpoint says from which step or epoch: what was sent of later ones is \
          discarded (it stays in the log), and the old life of the job is fenced off, since writes must name the current \
          attempt in the header Lim-Attempt. Every rank may send it: the same again changes nothing. The attempt is the \
          current one + 1.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = PointBody.class),
              examples = @ExampleObject("{\"afterEpoch\": 1}")))
  Answer begin(
      @Parameter(example = "my-run") @PathVariable String run,
      @Parameter(schema = @Schema(type = "integer", minimum = "1"), example = "2") @PathVariable
          String attempt,
      HttpServletRequest request) {
    Slug.inPath("run", run);
    if (!attempt.matches("[0-9]{1,9}") || Integer.parseInt(attempt) < 1) {
      throw ProblemException.parameter("attempt", "must be a whole number, 1 or more");
    }
    Query.of(request).done();
    JsonObject body = bodies.object(request, MediaType.APPLICATION_JSON_VALUE);
    Point point =
        new Point(
            body.whole("afterStep", 0, FARTHEST).orElse(null),
            body.whole("afterEpoch", 0, Integer.MAX_VALUE).map(Long::intValue).orElse(null));
    if (point.afterStep() != null && point.afterEpoch() != null) {
      body.reject("afterEpoch", "cannot be said together with afterStep");
    }
    body.done();
    int number = Integer.parseInt(attempt);
    return new Answer(number, changes.begin(run, number, point));
  }
}
