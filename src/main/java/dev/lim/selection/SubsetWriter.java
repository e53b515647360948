package dev.lim.selection;

import dev.lim.dataset.Samples;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Streams a subset in the form that was asked for. Thread-safe. */
@Component
class SubsetWriter {

  private static final int BUFFER = 1 << 16;

  private final Samples samples;
  private final ParquetSubsets parquet;
  private final JsonMapper json;

  SubsetWriter(Samples samples, ParquetSubsets parquet, JsonMapper json) {
    this.samples = samples;
    this.parquet = parquet;
    this.json = json.rebuild().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
  }

  /** A subset that is ready to be written. */
  private interface Prepared {

    void writeTo(OutputStream out) throws IOException;
  }

  /** Answers with all of it. */
  void send(Subset subset, SubsetFormat format, HttpServletResponse response) throws IOException {
    Prepared prepared = prepare(subset, format);
    response.setContentType(format.contentType());
    OutputStream out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
    prepared.writeTo(out);
    // Not where writing failed: what ends early must not look as if it were whole.
    out.close();
  }

  /** Does what must be done before the first byte. */
  private Prepared prepare(Subset subset, SubsetFormat format) {
    return switch (format) {
      case JSON -> out -> json(subset, out);
      case NDJSON -> out -> ndjson(subset, out);
      case CSV -> out -> csv(subset, out);
      case IDS -> out -> ids(subset, out);
      case RECORDS -> out -> records(subset, out);
      case RECORDS_NDJSON -> out -> recordLines(subset, out);
      case PARQUET -> {
        RecordColumns columns = parquet.columns(subset);
        yield out -> parquet.write(subset, columns, out);
      }
    };
  }

  private void json(Subset subset, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartObject();
      subset
          .about()
          .get()
          .properties()
          .forEach(field -> to.writePOJOProperty(field.getKey(), field.getValue()));
      to.writeArrayPropertyStart("items");
      for (int position = 0; position < subset.size(); position++) {
        item(subset, position, to);
      }
      to.writeEndArray();
      to.writeEndObject();
    }
  }

  private void ndjson(Subset subset, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      for (int position = 0; position < subset.size(); position++) {
        item(subset, position, to);
        to.writeRaw('\n');
      }
    }
  }

  private static void item(Subset subset, int position, JsonGenerator to) {
    to.writeStartObject();
    to.writeNumberProperty("rank", subset.ranks()[position]);
    to.writeStringProperty("sample", subset.sample(position));
    to.writeNumberProperty("score", subset.scores()[position]);
    double[] inclusions = subset.inclusions();
    if (inclusions != null) {
      to.writeNumberProperty("inclusion", inclusions[position]);
    }
    to.writeEndObject();
  }

  /** As RFC 4180 says. */
  private static void csv(Subset subset, OutputStream out) throws IOException {
    double[] inclusions = subset.inclusions();
    StringBuilder line = new StringBuilder("rank,sample,score");
    line.append(inclusions == null ? "" : ",inclusion").append("\r\n");
    for (int position = 0; position < subset.size(); position++) {
      line.append(subset.ranks()[position]).append(',');
      field(line, subset.sample(position));
      line.append(',').append(subset.scores()[position]);
      if (inclusions != null) {
        line.append(',').append(inclusions[position]);
      }
      line.append("\r\n");
      out.write(line.toString().getBytes(StandardCharsets.UTF_8));
      line.setLength(0);
    }
    out.write(line.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void field(StringBuilder line, String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    line.append(plain ? text : '"' + text.replace("\"", "\"\"") + '"');
  }

  private void ids(Subset subset, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartArray();
      for (int position = 0; position < subset.size(); position++) {
        to.writeString(subset.sample(position));
      }
      to.writeEndArray();
    }
  }

  /**
   * As LIM's published script writes its selection (GAIR-NLP/LIMR, {@code lim/lim_selection.py}):
   * the file of prompts without those that were not selected, in its own order, by Python's {@code
   * json.dump}, which sets a comma and a space between the elements of an array.
   */
  private void records(Subset subset, OutputStream out) throws IOException {
    int[] inTheirOrder = subset.ordinals().clone();
    Arrays.sort(inTheirOrder);
    boolean[] first = {true};
    out.write('[');
    samples.records(
        subset.dataset(),
        inTheirOrder,
        (_, record) -> {
          try {
            if (!first[0]) {
              out.write(',');
              out.write(' ');
            }
            first[0] = false;
            out.write(record);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    out.write(']');
  }

  private void recordLines(Subset subset, OutputStream out) {
    samples.records(
        subset.dataset(),
        subset.ordinals(),
        (_, record) -> {
          try {
            out.write(record);
            out.write('\n');
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
