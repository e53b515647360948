package dev.lim.selection;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.Parameters;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents the parameters of every call that selects a subset. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameters({
  @Parameter(
      name = "threshold",
      in = ParameterIn.QUERY,
      description =
          "Exactly one of threshold, top and fraction. Keep scores of at least this; the paper used 0.6",
      schema = @Schema(type = "number")),
  @Parameter(
      name = "top",
      in = ParameterIn.QUERY,
      description = "Keep this many",
      example = "500",
      schema = @Schema(type = "integer", minimum = "1")),
  @Parameter(
      name = "fraction",
      in = ParameterIn.QUERY,
      description = "Keep this share of the scored samples, rounded up",
      schema = @Schema(type = "number", maximum = "1")),
  @Parameter(
      name = "solved",
      in = ParameterIn.QUERY,
      description = "some: first drop samples that were never or always solved",
      schema =
          @Schema(
              type = "string",
              allowableValues = {"any", "some"},
              defaultValue = "any"))
})
public @interface SelectionQuery {}
