package dev.lim;

import static dev.lim.ContainerFiles.all;
import static dev.lim.ContainerFiles.one;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * Lays the packaged jar out as the {@code Dockerfile} does, below a folder that stands for the
 * image's root, and runs it as {@code docker-compose.yml} would, without a container engine.
 */
class ContainerLayoutIT {

  private final ContainerFiles files = ContainerFiles.read();
  private final TestDatabase database = TestDatabase.create();
  private final Map<String, String> environment = new LinkedHashMap<>(files.environment());
  private int port;

  @TempDir Path root;

  @BeforeEach
  void setEnvironment() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    environment.put("SERVER_PORT", "" + port);
    environment.put("SPRING_DATASOURCE_URL", database.url());
    environment.put("SPRING_DATASOURCE_USERNAME", database.user());
    environment.put("SPRING_DATASOURCE_PASSWORD", database.password());
    environment.put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
  }

  @Test
  void whatTheImageRunsTakesRewardsIsHealthyAndStopsWhenToldTo() throws Exception {
    Path directory = layOut();
    assertThat(healthy()).isFalse();

    Path output = root.resolve("output");
    Process service = start(directory, files.entrypoint(), output);
    try {
      Instant deadline = Instant.now().plusSeconds(300);
      while (!healthy()) {
        assertThat(service.isAlive() && Instant.now().isBefore(deadline))
            .as(() -> read(output))
            .isTrue();
        LockSupport.parkNanos(200_000_000);
      }
      Http http = new Http(port);
      http.post(
          "/runs/layout/epochs/1/rewards",
          "{\"rewards\": [{\"sample\": \"a\", \"values\": [1, 0]}, {\"sample\": \"b\", \"values\":"
              + " [0]}]}");
      assertThat(http.get("/runs/layout/scores").json().get("scored").asInt()).isEqualTo(2);

      service.destroy();
      assertThat(service.waitFor(files.stopGracePeriod())).isTrue();
      assertThat(service.exitValue()).isEqualTo(128 + 15);
      assertThat(read(output)).contains("Using incubator modules: jdk.incubator.vector");
    } finally {
      service.destroyForcibly();
    }
  }

  /** What the Dockerfile's last RUN and its COPY lines do; the service's directory. */
  private Path layOut() throws Exception {
    Path build = inImage(one(files.build(), "WORKDIR"));
    Path target = Files.createDirectories(build.resolve("target"));
    Files.createSymbolicLink(target.resolve(jar().getFileName()), jar().toAbsolutePath());
    Path output = root.resolve("extract");
    List<String> extract = List.of("bash", "-c", all(files.build(), "RUN").getLast());
    assertThat(start(build, extract, output).waitFor()).as(() -> read(output)).isZero();

    Path directory = Files.createDirectories(inImage(one(files.image(), "WORKDIR")));
    List<Path> copied = new ArrayList<>();
    for (String copy : all(files.image(), "COPY")) {
      String[] words = copy.split("\\s+");
      assertThat(words).hasSize(3).contains("--from=build", "./");
      copied.add(inImage(words[1]));
      FileSystemUtils.copyRecursively(inImage(words[1]), directory);
    }
    try (Stream<Path> layers = Files.list(copied.getFirst().getParent())) {
      assertThat(copied).containsExactlyInAnyOrderElementsOf(layers.toList());
    }
    return directory;
  }

  private Path inImage(String path) {
    return root.resolve(path.substring(1)).normalize();
  }

  private static Path jar() throws IOException {
    try (Stream<Path> built = Files.list(Path.of("target"))) {
      List<Path> jars =
          built
              .filter(p -> p.getFileName().toString().matches("lim-server-[\\d.]+\\.jar"))
              .toList();
      assertThat(jars).as("the packaged jar, as mvn verify makes it before this test").hasSize(1);
      return jars.getFirst();
    }
  }

  private boolean healthy() throws Exception {
    return start(root, files.healthCheck(), root.resolve("health")).waitFor() == 0;
  }

  private Process start(Path directory, List<String> command, Path output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command)).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    // a program is looked for in the PATH of this JVM, not in the one that it is given
    if (command.getFirst().equals("java")) {
      builder.command().set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
    }
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  private static String read(Path output) {
    return ContainerFiles.text(output.toString());
  }
}
