package dev.lim;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/** The rooms of the code, and who may use whom. */
class ModularityTests {

  private final ApplicationModules modules = ApplicationModules.of(LimServer.class);

  @Test
  void roomsKeepToWhatTheirPackageInfoAllows() {
    modules.verify();
  }
}
