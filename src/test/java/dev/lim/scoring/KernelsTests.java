package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.File;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelsTests {

  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  void theVectorKernelIsTheOneThatRuns() {
    assertThat(Kernels.current().name()).isEqualTo("vector");
    assertThat(Kernels.select(KernelChoice.VECTOR)).isEqualTo("vector");
    assertThat(Kernels.select(KernelChoice.AUTO)).isEqualTo("vector");
  }

  @Test
  void anotherKernelCannotBeSelectedOnceOneRuns() {
    Kernels.select(KernelChoice.VECTOR);
    assertThatIllegalStateException()
        .isThrownBy(() -> Kernels.select(KernelChoice.PLAIN))
        .withMessage("The vector kernel runs already");
  }

  @Test
  void withoutTheModuleAutoWarnsOnceAndRunsPlainJava() throws Exception {
    String output = probe("AUTO");
    assertThat(output).endsWith("plain " + KernelProbe.digest());
    assertThat(output.split("--add-modules jdk.incubator.vector")).hasSize(2);
  }

  @Test
  void withoutTheModuleVectorIsRefused() throws Exception {
    assertThat(probe("VECTOR"))
        .isEqualTo("The vector kernel needs the JVM option --add-modules jdk.incubator.vector");
  }

  @Test
  void plainJavaCanBeSelected() throws Exception {
    assertThat(probe("PLAIN", MODULE)).endsWith("plain " + KernelProbe.digest());
    assertThat(probe("PLAIN")).isEqualTo("plain " + KernelProbe.digest());
  }

  @Test
  void thePlainKernelStandsInUntilTheVectorKernelIsWarm() throws Exception {
    WarmingKernel kernel = new WarmingKernel(Kernels.create(KernelChoice.VECTOR));
    assertThat(kernel.computing()).isEqualTo("vector");
    int vector = KernelProbe.digest(kernel);
    Runnable warmUp = kernel.cold(() -> 0);
    assertThat(kernel.name()).isEqualTo("vector");
    assertThat(kernel.computing()).isEqualTo("plain");
    assertThat(KernelProbe.digest(kernel)).isEqualTo(vector);
    warmUp.run();
    assertThat(kernel.awaitWarm()).isEqualTo("vector");
    kernel.cold(() -> 0);
    assertThat(kernel.computing()).isEqualTo("vector");
    assertThat(KernelProbe.digest(kernel)).isEqualTo(vector);
  }

  @Test
  void aKernelThatAllocatesNoMoreThanThePlainOneIsWarm() throws Exception {
    WarmingKernel kernel = new WarmingKernel(Kernels.create(KernelChoice.VECTOR));
    Queue<Long> bytes = new ArrayDeque<>();
    long total = 0;
    // Of the plain kernel first, then of the vector kernel, until it is low three times in a row.
    for (long each : List.of(800L, 90_000L, 70_000L, 900L, 850L, 901L, 810L, 850L, 899L)) {
      bytes.add(total);
      total += each;
      bytes.add(total);
    }
    kernel.cold(bytes::remove).run();
    assertThat(bytes).isEmpty();
    assertThat(kernel.awaitWarm()).isEqualTo("vector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32"})
  void anyVectorWidthGivesTheSameBits(String option) throws Exception {
    assertThat(probe("VECTOR", MODULE, option)).endsWith("vector " + KernelProbe.digest());
  }

  private static String probe(String choice, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), KernelProbe.class.getName(), choice));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }
}
