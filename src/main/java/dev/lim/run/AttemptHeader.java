package dev.lim.run;

import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents the header of every call that a training job makes in one of its lives. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Problems(ProblemType.STALE_ATTEMPT)
@Parameter(
    name = Attempt.HEADER,
    in = ParameterIn.HEADER,
    description = "Which life of the training job speaks: the run's current attempt; 1 unless said",
    schema = @Schema(type = "integer", minimum = "1", defaultValue = "1"))
public @interface AttemptHeader {}
