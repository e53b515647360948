package dev.lim.selection;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents the parameter that {@link SubsetFormat#of} reads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
    name = "format",
    in = ParameterIn.QUERY,
    description =
        "ids: an array of ids; records: an array of the original records, in the dataset's order; records-ndjson: the"
            + " original lines; parquet: the records' fields as columns, with lim_rank and lim_score. json, ndjson,"
            + " csv and parquet also by Accept",
    schema =
        @Schema(
            type = "string",
            allowableValues = {
              "json",
              "ndjson",
              "csv",
              "parquet",
              "ids",
              "records",
              "records-ndjson"
            },
            defaultValue = "json"))
@interface FormatQuery {}
