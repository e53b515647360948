package dev.lim.selection;

import dev.lim.dataset.Samples;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Streams a subset in the form that was asked for. Thread-safe. */
@Component
class SubsetWriter {

  private final Samples samples;
  private final JsonMapper json;

  SubsetWriter(Samples samples, JsonMapper json) {
    this.samples = samples;
    this.json = json.rebuild().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
  }

  /** Writes all of it; the stream stays open. */
  void write(Scored scored, Selection selection, SubsetFormat format, OutputStream out)
      throws IOException {
    int[] positions = selection.select(scored);
    switch (format) {
      case JSON -> json(scored, selection, positions, out);
      case NDJSON -> ndjson(scored, positions, out);
      case CSV -> csv(scored, positions, out);
      case IDS -> ids(scored, positions, out);
      case RECORDS -> records(scored, positions, out, "[", ",", "]");
      case RECORDS_NDJSON ->
          records(scored, positions, out, "", "\n", positions.length > 0 ? "\n" : "");
    }
  }

  private void json(Scored scored, Selection selection, int[] positions, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      Head head = scored.head();
      to.writeStartObject();
      to.writeStringProperty("run", head.run());
      to.writeNumberProperty("revision", head.revision());
      to.writeStringProperty("strategy", head.strategy());
      if (head.parameters() != null) {
        to.writePOJOProperty("parameters", head.parameters());
      }
      to.writeStringProperty("reward", head.reward());
      to.writeStringProperty("missing", head.missing());
      to.writePOJOProperty("epochs", head.epochs());
      to.writeNumberProperty("scored", head.scored());
      to.writeNumberProperty("unscored", head.unscored());
      if (head.undefined() != null) {
        to.writeStringProperty("undefined", head.undefined());
      }
      to.writePOJOProperty("selection", selection);
      to.writeNumberProperty("size", positions.length);
      int[] any = selection.solved().equals("any") ? positions : selection.ofAny().select(scored);
      to.writeNumberProperty("neverSolved", count(scored, any, Scored.Solved.NEVER));
      to.writeNumberProperty("alwaysSolved", count(scored, any, Scored.Solved.ALWAYS));
      to.writeStringProperty("sha256", sha256(scored, positions));
      to.writeArrayPropertyStart("items");
      for (int position : positions) {
        item(scored, position, to);
      }
      to.writeEndArray();
      to.writeEndObject();
    }
  }

  private void ndjson(Scored scored, int[] positions, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      for (int position : positions) {
        item(scored, position, to);
        to.writeRaw('\n');
      }
    }
  }

  private static void item(Scored scored, int position, JsonGenerator to) {
    int row = scored.ranking().row(position);
    to.writeStartObject();
    to.writeNumberProperty("rank", position + 1);
    to.writeStringProperty("sample", scored.sample(row));
    to.writeNumberProperty("score", scored.score(row));
    to.writeEndObject();
  }

  /** As RFC 4180 says. */
  private static void csv(Scored scored, int[] positions, OutputStream out) throws IOException {
    StringBuilder line = new StringBuilder("rank,sample,score\r\n");
    for (int position : positions) {
      int row = scored.ranking().row(position);
      line.append(position + 1).append(',');
      field(line, scored.sample(row));
      line.append(',').append(scored.score(row)).append("\r\n");
      out.write(line.toString().getBytes(StandardCharsets.UTF_8));
      line.setLength(0);
    }
    out.write(line.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void field(StringBuilder line, String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    line.append(plain ? text : '"' + text.replace("\"", "\"\"") + '"');
  }

  private void ids(Scored scored, int[] positions, OutputStream out) {
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartArray();
      for (int position : positions) {
        to.writeString(scored.sample(scored.ranking().row(position)));
      }
      to.writeEndArray();
    }
  }

  private void records(
      Scored scored, int[] positions, OutputStream out, String before, String between, String after)
      throws IOException {
    int[] ordinals =
        Arrays.stream(positions)
            .map(position -> scored.matrix().ordinal(scored.ranking().row(position)))
            .toArray();
    byte[] separator = between.getBytes(StandardCharsets.UTF_8);
    boolean[] first = {true};
    out.write(before.getBytes(StandardCharsets.UTF_8));
    samples.records(
        scored.state().dataset(),
        ordinals,
        (_, record) -> {
          try {
            if (!first[0]) {
              out.write(separator);
            }
            first[0] = false;
            out.write(record);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    out.write(after.getBytes(StandardCharsets.UTF_8));
  }

  private static long count(Scored scored, int[] positions, Scored.Solved kind) {
    return Arrays.stream(positions)
        .filter(position -> scored.solved(scored.ranking().row(position)) == kind)
        .count();
  }

  /** Over the ids in byte order, each followed by a line feed. */
  private static String sha256(Scored scored, int[] positions) {
    boolean[] chosen = new boolean[scored.ranking().size()];
    for (int position : positions) {
      chosen[position] = true;
    }
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (int position : scored.bySample()) {
      if (chosen[position]) {
        digest.update(scored.sampleUtf8(scored.ranking().row(position)));
        digest.update((byte) '\n');
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
