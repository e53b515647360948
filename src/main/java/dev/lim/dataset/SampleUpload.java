package dev.lim.dataset;

import dev.lim.dataset.Samples.Recorded;
import dev.lim.web.Admission;
import dev.lim.web.Json;
import dev.lim.web.Limits;
import dev.lim.web.NdjsonLines;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Stopping;
import dev.lim.web.Violations;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/** Reads records from NDJSON, and commits them by portions; each line is atomic. Thread-safe. */
@Component
class SampleUpload {

  private static final int LINES_TOGETHER = 2_000;
  private static final int BYTES_TOGETHER = 1 << 20;

  private final Samples samples;
  private final Stopping stopping;
  private final Admission admission;
  private final JsonFactory json;

  SampleUpload(Samples samples, Stopping stopping, Admission admission, Limits limits) {
    this.samples = samples;
    this.stopping = stopping;
    this.admission = admission;
    this.json = Json.factoryForRecords(limits.jsonDepth());
  }

  @Schema(name = "SamplesWritten")
  record Answer(
      @Schema(description = "Lines that held a record", example = "1209") long lines,
      @Schema(description = "Samples that had no record before", example = "1209") long added,
      @Schema(example = "0") long replaced,
      @Schema(example = "0") long unchanged) {}

  /**
   * Reads all lines.
   *
   * @throws ProblemException for the first bad line, with its number; those before it are committed
   */
  Answer read(String dataset, NdjsonLines lines) {
    try (Admission.Share share = admission.forStream()) {
      return read(new Portion(dataset, share), lines);
    }
  }

  private Answer read(Portion portion, NdjsonLines lines) {
    try {
      while (lines.next()) {
        stopping.check();
        byte[] record = lines.bytes(portion.share);
        portion.add(id(record), record);
      }
    } catch (ProblemException problem) {
      portion.commit();
      throw problem.atLine(lines.number(), portion.committed);
    }
    portion.commit();
    if (portion.committed == 0) {
      samples.create(portion.dataset);
    }
    return new Answer(portion.committed, portion.added, portion.replaced, portion.unchanged);
  }

  /** The id in a record; checks that the record is one JSON object in UTF-8. */
  private String id(byte[] record) {
    try (JsonParser parser = Json.parser(json, new ByteArrayInputStream(record))) {
      try {
        return id(parser);
      } catch (JacksonException e) {
        throw Json.malformed(e, parser);
      }
    }
  }

  private static String id(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      throw invalid("#", "must be an object with an id");
    }
    @Nullable String id = null;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      if (name.equals("id")) {
        if (id != null) {
          throw invalid("#/id", "is given twice");
        }
        id = id(parser, token);
      } else {
        parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw ProblemException.at(
          ProblemType.MALFORMED_BODY, "#", "Something follows the JSON object");
    }
    if (id == null) {
      throw invalid("#/id", "is missing");
    }
    return id;
  }

  private static String id(JsonParser parser, JsonToken token) {
    String id =
        switch (token) {
          case VALUE_STRING -> parser.getString();
          case VALUE_NUMBER_INT -> new BigInteger(parser.getString()).toString();
          default -> throw invalid("#/id", "must be a text or a whole number");
        };
    SampleId.breach(id)
        .ifPresent(breach -> {
          throw invalid("#/id", breach);
        });
    return id;
  }

  private static ProblemException invalid(String pointer, String detail) {
    Violations violations = new Violations();
    violations.at(pointer, detail);
    return violations.asProblem(ProblemType.INVALID_CONTENT);
  }

  /** Records that are waiting to be committed, and how many have been. */
  private final class Portion {

    private final String dataset;
    private final Admission.Share share;
    private final Map<String, byte[]> waiting = new LinkedHashMap<>();
    private long committed;
    private long added;
    private long replaced;
    private long unchanged;

    Portion(String dataset, Admission.Share share) {
      this.dataset = dataset;
      this.share = share;
    }

    void add(String id, byte[] record) {
      if (waiting.containsKey(id)) {
        commit();
        share.add(record.length);
      }
      waiting.put(id, record);
      if (waiting.size() >= LINES_TOGETHER || share.isLarge() || share.bytes() >= BYTES_TOGETHER) {
        commit();
      }
    }

    void commit() {
      if (waiting.isEmpty()) {
        return;
      }
      Recorded recorded = samples.put(dataset, waiting);
      added += recorded.added();
      replaced += recorded.replaced();
      unchanged += recorded.unchanged();
      committed += waiting.size();
      waiting.clear();
      share.release();
    }
  }
}
