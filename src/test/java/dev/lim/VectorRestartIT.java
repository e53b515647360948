package dev.lim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar, as {@code mvn verify} makes it before this test, started by a plain java -jar.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells a process how it was started")
class VectorRestartIT {

  private static final String FLAG = "--add-modules=jdk.incubator.vector";

  @TempDir Path root;

  @SuppressWarnings("NullAway.Init") // by every test, through start
  private Process service;

  @AfterEach
  void stop() {
    service.destroyForcibly();
  }

  @Test
  void withoutFlagsItRunsOnTheVectorApiAsTheSameProcess() throws Exception {
    start(List.of("-Xmx300m", "-Dodd=é \"x\"  y"), "--lim.odd=a b", "");
    await("Scoring runs on the vector kernel");
    assertThat(output()).doesNotContain("restricted", "plain Java", "--enable-native-access");
    List<String> words =
        List.of(Files.readString(Path.of("/proc/" + service.pid() + "/cmdline")).split("\0", -1));
    assertThat(words)
        .contains(FLAG, "-Xmx300m", "-Dodd=é \"x\"  y", "--lim.odd=a b")
        .endsWith("", "");
    await("Tomcat started on port");

    service.destroy();
    assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(service.exitValue()).isEqualTo(128 + 15);
    assertThat(output()).contains("Commencing graceful shutdown");
  }

  @Test
  void vectorWithoutTheModuleFailsAndNamesTheFlag() throws Exception {
    start(List.of(), "--lim.scoring.kernel=vector");
    assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(service.exitValue()).isEqualTo(1);
    assertThat(output())
        .contains("lim.scoring.kernel", "--add-modules jdk.incubator.vector")
        .doesNotContain("Using incubator modules");
  }

  private void start(List<String> options, String... arguments) throws IOException {
    TestDatabase database = TestDatabase.create();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-jar",
            jar().toString(),
            "--server.port=0",
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password()));
    command.addAll(List.of(arguments));
    service =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("output").toFile())
            .start();
  }

  private static Path jar() throws IOException {
    try (Stream<Path> built = Files.list(Path.of("target"))) {
      List<Path> jars =
          built
              .filter(p -> p.getFileName().toString().matches("lim-server-[\\d.]+\\.jar"))
              .toList();
      assertThat(jars).hasSize(1);
      return jars.getFirst();
    }
  }

  private void await(String words) throws IOException {
    Instant deadline = Instant.now().plusSeconds(120);
    while (!output().contains(words)) {
      assertThat(service.isAlive() && Instant.now().isBefore(deadline)).as(output()).isTrue();
      LockSupport.parkNanos(100_000_000);
    }
  }

  private String output() throws IOException {
    return Files.readString(root.resolve("output"));
  }
}
