package dev.lim.golden;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A folder of data that others computed, beside the project; it does not carry copies. */
public record SharedData(Path folder) {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Where the folder is absent the test that asks is skipped, and says so. */
  public static SharedData required(String name) {
    Path folder = Path.of("..", "shared", "data", name);
    if (!Files.isDirectory(folder)) {
      String message = "SKIPPED: " + folder + " is not there; this test reads it";
      System.out.println(message);
      Assumptions.abort(message);
    }
    return new SharedData(folder);
  }

  public byte[] bytes(String file) {
    try {
      return Files.readAllBytes(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public List<String> lines(String zipped) {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(zipped)))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public JsonNode json(String file) {
    return MAPPER.readTree(bytes(file));
  }

  /** Scores by sample. */
  public Map<String, Double> scores(String file) {
    Map<String, Double> scores = new LinkedHashMap<>();
    new String(bytes(file), StandardCharsets.UTF_8)
        .lines()
        .map(MAPPER::readTree)
        .forEach(
            line -> scores.put(line.get("sample").stringValue(), line.get("score").doubleValue()));
    return scores;
  }
}
