package dev.lim.web;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.Parameters;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents the parameters of every call that answers with pages. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameters({
  @Parameter(
      name = "limit",
      in = ParameterIn.QUERY,
      description = "How many items a page holds",
      schema = @Schema(type = "integer", defaultValue = "100", minimum = "1", maximum = "1000")),
  @Parameter(
      name = "cursor",
      in = ParameterIn.QUERY,
      description = "`next` of the page before, as it is; leave it out for the first page",
      schema = @Schema(type = "string"))
})
public @interface PageQuery {}
