package dev.lim.reward;

import dev.lim.dataset.SampleId;
import dev.lim.dataset.SampleIds;
import dev.lim.web.Admission;
import dev.lim.web.Json;
import dev.lim.web.Limits;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Slug;
import dev.lim.web.Violation;
import dev.lim.web.Violations;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one batch from JSON as a stream: no tree, no boxed numbers, and no text for a sample id
 * that the dataset knows. Everything that is wrong with the content is collected, and refused
 * together. Not thread-safe; reads one batch.
 */
final class BatchReader {

  /** What the body may say of where it belongs. */
  enum Form {
    /** A body whose epoch and batch are in the path. */
    BATCH,
    /** A line, or a body that stands for one, with its own epoch and perhaps a batch. */
    LINE
  }

  /** What a sample takes beside its values, and an id that the dataset lacks beside its text. */
  private static final int SAMPLE_BYTES = 8;

  private static final int UNKNOWN_BYTES = 120;

  private static final long LARGEST_STEP = 1L << 53;

  private final SampleIds ids;
  private final Limits limits;
  private final Form form;
  private final Admission.Share share;
  private final Violations violations = new Violations();
  private final byte[] utf8 = new byte[3 * 2 * SampleId.LONGEST];

  private @Nullable Integer epoch;
  private @Nullable String batch;
  private @Nullable Long step;
  private boolean epochSeen;
  private boolean batchSeen;
  private boolean stepSeen;
  private boolean rewardsSeen;

  private int samples;
  private int[] ordinals = new int[256];
  private int[] rollouts = new int[256];
  private float[] values = new float[2048];
  private int valueCount;

  /** Ids that the dataset lacked, and the index of the sample that each was met at. */
  private final Map<String, Integer> unknown = new LinkedHashMap<>();

  /**
   * @param share grows with what is read; the caller's to release
   */
  BatchReader(SampleIds ids, Limits limits, Form form, Admission.Share share) {
    this.ids = ids;
    this.limits = limits;
    this.form = form;
    this.share = share;
  }

  /** Makes parsers that keep to the limits; one serves any number of batches. */
  static JsonFactory factory(Limits limits) {
    return Json.factory(limits.jsonDepth());
  }

  /**
   * Reads to the end of the stream.
   *
   * @throws ProblemException 400 or 413 where the text cannot be read, 422 where its content is
   *     wrong
   */
  ParsedBatch read(JsonFactory factory, InputStream in) {
    try (JsonParser parser = Json.parser(factory, share.paced(in))) {
      try {
        document(parser);
      } catch (JacksonException e) {
        throw Json.malformed(e, parser);
      }
    }
    checkWhole();
    if (!violations.isEmpty()) {
      throw violations.asProblem(ProblemType.INVALID_CONTENT);
    }
    return new ParsedBatch(
        epoch,
        batch,
        step,
        Arrays.copyOf(ordinals, samples),
        Arrays.copyOf(rollouts, samples),
        values.length == valueCount ? values : Arrays.copyOf(values, valueCount),
        unknown);
  }

  private void document(JsonParser parser) {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw ProblemException.at(
          ProblemType.MALFORMED_BODY, "#", "The body is empty: send a JSON object with rewards");
    }
    if (token == JsonToken.START_OBJECT) {
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        field(parser, name);
      }
    } else {
      parser.skipChildren();
      violations.at("#", "must be an object");
      rewardsSeen = true;
      epochSeen = true;
    }
    if (parser.nextToken() != null) {
      throw ProblemException.at(
          ProblemType.MALFORMED_BODY, "#", "Something follows the JSON object");
    }
  }

  private void field(JsonParser parser, String name) {
    JsonToken token = parser.nextToken();
    String field = form == Form.BATCH && (name.equals("epoch") || name.equals("batch")) ? "" : name;
    switch (field) {
      case "rewards" -> {
        once(rewardsSeen, "#/rewards");
        rewardsSeen = true;
        rewards(parser, token);
      }
      case "step" -> {
        once(stepSeen, "#/step");
        stepSeen = true;
        if (token != JsonToken.VALUE_NULL) {
          step = whole(parser, token, "#/step", LARGEST_STEP);
        }
      }
      case "epoch" -> {
        once(epochSeen, "#/epoch");
        epochSeen = true;
        Long number = whole(parser, token, "#/epoch", limits.epochs());
        epoch = number == null ? null : number.intValue();
      }
      case "batch" -> {
        once(batchSeen, "#/batch");
        batchSeen = true;
        if (token != JsonToken.VALUE_NULL) {
          batch = key(parser, token);
        }
      }
      default -> {
        parser.skipChildren();
        violations.at("#" + Violation.step(name), "is not a field of this body");
      }
    }
  }

  private void once(boolean seen, String pointer) {
    if (seen) {
      violations.at(pointer, "is given twice");
    }
  }

  private @Nullable Long whole(JsonParser parser, JsonToken token, String pointer, long most) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      String text = parser.getString();
      if (text.length() <= 18) {
        long number = Long.parseLong(text);
        if (number >= 1 && number <= most) {
          return number;
        }
      }
    }
    parser.skipChildren();
    violations.at(pointer, "must be a whole number from 1 to " + most);
    return null;
  }

  private @Nullable String key(JsonParser parser, JsonToken token) {
    if (token == JsonToken.VALUE_STRING && Slug.matches(parser.getString())) {
      String key = parser.getString();
      if (!key.equals(RewardLog.WHOLE)) {
        return key;
      }
      violations.at("#/batch", "`epoch` is reserved for whole epochs");
      return null;
    }
    parser.skipChildren();
    violations.at("#/batch", Slug.RULE);
    return null;
  }

  private void rewards(JsonParser parser, JsonToken token) {
    if (token != JsonToken.START_ARRAY) {
      parser.skipChildren();
      violations.at("#/rewards", "must be an array of samples with their values");
      return;
    }
    int index = 0;
    for (token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      if (index == limits.samplesPerBatch()) {
        throw ProblemException.at(
            ProblemType.INVALID_CONTENT,
            "#/rewards",
            "A batch has at most " + limits.samplesPerBatch() + " samples: send it in parts");
      }
      if (token == JsonToken.START_OBJECT) {
        sample(parser, index);
      } else {
        parser.skipChildren();
        violations.at("#/rewards/" + index, "must be an object with sample and values");
      }
      index++;
    }
    if (index == 0) {
      violations.at("#/rewards", "must not be empty");
    }
  }

  private void sample(JsonParser parser, int index) {
    int before = valueCount;
    boolean idSeen = false;
    boolean valuesSeen = false;
    int ordinal = Integer.MIN_VALUE;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "sample" -> {
          if (idSeen) {
            wrong(index, "/sample", "is given twice");
          }
          idSeen = true;
          ordinal = ordinal(parser, token, index);
        }
        case "values" -> {
          if (valuesSeen) {
            wrong(index, "/values", "is given twice");
          }
          valuesSeen = true;
          values(parser, token, index);
        }
        default -> {
          parser.skipChildren();
          wrong(index, Violation.step(name), "is not a field of a sample's rewards");
        }
      }
    }
    if (!idSeen) {
      wrong(index, "/sample", "is missing");
    }
    if (!valuesSeen) {
      wrong(index, "/values", "is missing");
    }
    if (samples == ordinals.length) {
      share.add((long) samples * SAMPLE_BYTES);
      ordinals = Arrays.copyOf(ordinals, samples * 2);
      rollouts = Arrays.copyOf(rollouts, samples * 2);
    }
    ordinals[samples] = ordinal;
    rollouts[samples++] = valueCount - before;
  }

  /** The sample's ordinal; -1 less its place among the unknown where the dataset lacks it. */
  private int ordinal(JsonParser parser, JsonToken token, int index) {
    if (token == JsonToken.VALUE_STRING) {
      char[] chars = parser.getStringCharacters();
      int from = parser.getStringOffset();
      int length = parser.getStringLength();
      int bytes = SampleId.encode(chars, from, length, utf8);
      if (bytes >= 0) {
        int known = ids.find(utf8, bytes);
        return known >= 0 ? known : unknown(new String(chars, from, length), index);
      }
      wrong(index, "/sample", SampleId.breach(new String(chars, from, length)).orElseThrow());
    } else if (token == JsonToken.VALUE_NUMBER_INT) {
      String text = new BigInteger(parser.getString()).toString();
      if (SampleId.breach(text).isEmpty()) {
        int known = ids.find(text);
        return known >= 0 ? known : unknown(text, index);
      }
      wrong(index, "/sample", SampleId.breach(text).orElseThrow());
    } else {
      parser.skipChildren();
      wrong(index, "/sample", "must be a text or a whole number");
    }
    return Integer.MIN_VALUE;
  }

  private int unknown(String id, int index) {
    share.add(UNKNOWN_BYTES + 2L * id.length());
    if (unknown.putIfAbsent(id, index) != null) {
      wrong(index, "/sample", "stands in this batch before");
      return Integer.MIN_VALUE;
    }
    return -unknown.size();
  }

  private void values(JsonParser parser, JsonToken token, int index) {
    if (token != JsonToken.START_ARRAY) {
      parser.skipChildren();
      wrong(index, "/values", "must be an array of numbers");
      return;
    }
    int place = 0;
    for (token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      if (place == limits.rolloutsPerSample()) {
        throw ProblemException.at(
            ProblemType.INVALID_CONTENT,
            "#/rewards/" + index + "/values",
            "A sample has at most " + limits.rolloutsPerSample() + " rollouts in a batch");
      }
      if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
        float value = parser.getFloatValue();
        if (Float.isFinite(value)) {
          add(value);
        } else {
          wrong(index, "/values/" + place, "is beyond the range of float32");
        }
      } else {
        parser.skipChildren();
        wrong(index, "/values/" + place, "must be a number");
      }
      place++;
    }
    if (place == 0) {
      wrong(index, "/values", "must not be empty");
    }
  }

  private void add(float value) {
    if (valueCount == limits.rolloutsPerBatch()) {
      throw ProblemException.at(
          ProblemType.INVALID_CONTENT,
          "#/rewards",
          "A batch has at most " + limits.rolloutsPerBatch() + " rollouts: send it in parts");
    }
    if (valueCount == values.length) {
      int larger = (int) Math.min(limits.rolloutsPerBatch(), valueCount * 2L);
      share.add((long) (larger - valueCount) * Float.BYTES);
      values = Arrays.copyOf(values, larger);
    }
    values[valueCount++] = value;
  }

  private void checkWhole() {
    if (!rewardsSeen) {
      violations.at("#/rewards", "is missing");
    }
    if (form == Form.LINE && !epochSeen) {
      violations.at("#/epoch", "is missing");
    }
    long[] order = Rewards.order(Arrays.copyOf(ordinals, samples));
    for (int i = 1; i < order.length; i++) {
      int ordinal = (int) (order[i] >> 32);
      if (ordinal >= 0 && ordinal == (int) (order[i - 1] >> 32)) {
        wrong((int) order[i], "/sample", "stands in this batch before");
      }
    }
  }

  private void wrong(int index, String field, String detail) {
    if (violations.full()) {
      violations.count(1);
    } else {
      violations.at("#/rewards/" + index + field, detail);
    }
  }
}
