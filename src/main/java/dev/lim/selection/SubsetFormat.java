package dev.lim.selection;

import dev.lim.web.Api;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * The forms in which a subset can be had: by {@code format}, or by {@code Accept} where that names
 * a type of its own.
 */
enum SubsetFormat {
  JSON(MediaType.APPLICATION_JSON_VALUE),
  NDJSON(Api.NDJSON),
  CSV("text/csv"),
  IDS(MediaType.APPLICATION_JSON_VALUE),
  RECORDS(MediaType.APPLICATION_JSON_VALUE),
  RECORDS_NDJSON(Api.NDJSON),
  PARQUET(Api.PARQUET);

  private final String mediaType;

  SubsetFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String contentType() {
    return this == PARQUET ? mediaType : mediaType + ";charset=UTF-8";
  }

  /** Whether it shows a score beside each sample. */
  boolean hasScores() {
    return this == JSON || this == NDJSON || this == CSV;
  }

  boolean hasRecords() {
    return this == RECORDS || this == RECORDS_NDJSON || this == PARQUET;
  }

  /** As named in the query, where an unknown one is rejected, else as {@code Accept} prefers. */
  static SubsetFormat of(Query query, HttpServletRequest request) {
    Optional<String> named = query.text("format");
    if (named.isEmpty()) {
      return accepted(request.getHeader("Accept"));
    }
    for (SubsetFormat format : values()) {
      if (format.code().equals(named.get())) {
        return format;
      }
    }
    query.reject("format", "must be json, ndjson, csv, parquet, ids, records or records-ndjson");
    return JSON;
  }

  private static SubsetFormat accepted(@Nullable String accept) {
    if (accept == null || accept.isBlank()) {
      return JSON;
    }
    try {
      List<MediaType> types =
          MediaType.parseMediaTypes(accept).stream()
              .filter(type -> type.getQualityValue() > 0)
              .sorted(Comparator.comparingDouble(MediaType::getQualityValue).reversed())
              .toList();
      for (MediaType type : types) {
        for (SubsetFormat format : List.of(JSON, NDJSON, CSV, PARQUET)) {
          if (type.includes(MediaType.parseMediaType(format.mediaType))) {
            return format;
          }
        }
      }
    } catch (InvalidMediaTypeException _) {
      // As unacceptable as a type that is not there.
    }
    throw new ProblemException(
        ProblemType.NOT_ACCEPTABLE,
        "A subset can be had as application/json, application/x-ndjson, text/csv or "
            + Api.PARQUET
            + "; format= names more");
  }
}
