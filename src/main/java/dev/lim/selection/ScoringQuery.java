package dev.lim.selection;

import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.Parameters;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents the parameters of every call that scores. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Problems({ProblemType.RUN_NOT_FOUND, ProblemType.RUN_DELETED, ProblemType.RUN_TOO_LARGE})
@Parameters({
  @Parameter(
      name = "strategy",
      in = ParameterIn.QUERY,
      description = "The rule that scores; GET /strategies lists them",
      schema = @Schema(type = "string", defaultValue = "lim")),
  @Parameter(
      name = "reward",
      in = ParameterIn.QUERY,
      description =
          "How rollouts become a sample's reward: their mean, or the share that is solved. Default: the run's",
      schema =
          @Schema(
              type = "string",
              allowableValues = {"mean", "accuracy"})),
  @Parameter(
      name = "correctAt",
      in = ParameterIn.QUERY,
      description = "The reward from which a rollout counts as solved. Default: the run's",
      schema = @Schema(type = "number")),
  @Parameter(
      name = "rewardMax",
      in = ParameterIn.QUERY,
      description = "The highest possible reward, R. Default: the run's",
      schema = @Schema(type = "number")),
  @Parameter(
      name = "missing",
      in = ParameterIn.QUERY,
      description =
          "A sample without rewards in some chosen epoch. backfill: takes the next epoch's reward, one step back;"
              + " exclude: is left unscored; carry: takes the latest earlier reward; observed: is scored over the"
              + " epochs it was observed in. Default: the run's",
      schema =
          @Schema(
              type = "string",
              allowableValues = {"backfill", "exclude", "carry", "observed"})),
  @Parameter(
      name = "minEpochs",
      in = ParameterIn.QUERY,
      description = "With missing=observed: how many observed epochs a sample needs",
      schema = @Schema(type = "integer", minimum = "1", maximum = "10000", defaultValue = "1")),
  @Parameter(
      name = "from",
      in = ParameterIn.QUERY,
      description = "The first epoch to look at",
      schema = @Schema(type = "integer", minimum = "1", maximum = "10000", defaultValue = "1")),
  @Parameter(
      name = "through",
      in = ParameterIn.QUERY,
      description =
          "The last epoch to look at. Default: the latest complete one with at least half as many samples as the"
              + " fullest",
      schema = @Schema(type = "integer", minimum = "1", maximum = "10000"))
})
public @interface ScoringQuery {}
