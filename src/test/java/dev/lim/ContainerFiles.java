package dev.lim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.convert.DurationStyle;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The project's {@code Dockerfile}, which has two stages, and {@code docker-compose.yml}, taken
 * apart.
 *
 * @param build the stage that builds
 * @param image the stage that is the image
 */
record ContainerFiles(
    List<Instruction> build, List<Instruction> image, Map<String, Object> compose) {

  static final String SERVICE = "lim-server";

  /** As {@code COPY} and what follows it. */
  record Instruction(String name, String arguments) {}

  static ContainerFiles read() {
    List<List<Instruction>> stages = new ArrayList<>();
    for (String line :
        text("Dockerfile")
            .replaceAll("(?m)^#.*\n", "")
            .replaceAll("\\\\\n", " ")
            .lines()
            .toList()) {
      if (!line.isBlank()) {
        String[] parts = line.strip().split("\\s+", 2);
        if (parts[0].equals("FROM")) {
          stages.add(new ArrayList<>());
        }
        stages.getLast().add(new Instruction(parts[0], parts[1]));
      }
    }
    if (stages.size() != 2) {
      throw new IllegalStateException("The Dockerfile has " + stages.size() + " stages, not 2");
    }
    return new ContainerFiles(
        stages.getFirst(), stages.getLast(), new Yaml().load(text("docker-compose.yml")));
  }

  static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a property of the pom says. */
  static String pom(String property) {
    return text("pom.xml").replaceFirst("(?s).*<" + property + ">(.*?)</.*", "$1");
  }

  /** What follows each instruction of this name. */
  static List<String> all(List<Instruction> stage, String name) {
    return stage.stream().filter(i -> i.name().equals(name)).map(Instruction::arguments).toList();
  }

  /** What follows the only instruction of this name. */
  static String one(List<Instruction> stage, String name) {
    List<String> all = all(stage, name);
    if (all.size() != 1) {
      throw new IllegalStateException(name + " is there " + all.size() + " times");
    }
    return all.getFirst();
  }

  List<String> entrypoint() {
    return words(one(image, "ENTRYPOINT"));
  }

  List<String> healthCheck() {
    return words(one(image, "HEALTHCHECK").replaceFirst(".*CMD ", ""));
  }

  private static List<String> words(String json) {
    return new JsonMapper().readValue(json, new TypeReference<>() {});
  }

  /** The variables that the service runs with: the image's and those of the Compose file. */
  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String variable : all(image, "ENV")) {
      String[] parts = variable.split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    map(service(SERVICE), "environment")
        .forEach((name, value) -> environment.put(name, "" + value));
    return environment;
  }

  Map<String, Object> services() {
    return map(compose, "services");
  }

  Map<String, Object> service(String name) {
    return map(services(), name);
  }

  /** How long the service may take to stop. */
  Duration stopGracePeriod() {
    return DurationStyle.detectAndParse(get(service(SERVICE), "stop_grace_period").toString());
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Map<String, Object> of, String key) {
    return (Map<String, Object>) get(of, key);
  }

  @SuppressWarnings("unchecked")
  static List<String> list(Map<String, Object> of, String key) {
    return (List<String>) get(of, key);
  }

  private static Object get(Map<String, Object> of, String key) {
    return Objects.requireNonNull(of.get(key), key);
  }
}
