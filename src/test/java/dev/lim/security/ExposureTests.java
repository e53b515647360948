package dev.lim.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.security.ExposureCheck.ExposedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ExposureTests {

  private final ApplicationContextRunner context =
      new ApplicationContextRunner().withUserConfiguration(ExposureCheck.class);

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3", ""})
  void aServiceThatOthersCanReachDoesNotStartUnlessThatIsSaidAloud(String address) {
    context
        .withPropertyValues("server.address=" + address)
        .run(started ->
            assertThat(started).getFailure().rootCause().isInstanceOf(ExposedException.class));
    context
        .withPropertyValues("server.address=" + address, "lim.security.mode=open")
        .run(started -> assertThat(started).hasNotFailed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "localhost"})
  void onThisMachineAloneNothingNeedsToBeSaid(String address) {
    context
        .withPropertyValues("server.address=" + address)
        .run(started -> assertThat(started).hasNotFailed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"closed", "tokens", "off"})
  void anUnknownModeIsNoMode(String mode) {
    context
        .withPropertyValues("lim.security.mode=" + mode)
        .run(started -> assertThat(started).hasFailed());
  }
}
