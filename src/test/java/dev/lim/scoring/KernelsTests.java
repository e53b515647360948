package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
