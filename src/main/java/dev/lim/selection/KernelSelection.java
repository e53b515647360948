package dev.lim.selection;

import dev.lim.scoring.KernelChoice;
import dev.lim.scoring.Kernels;
import java.util.Arrays;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.stereotype.Component;

/** Selects the scoring kernel at start, as the setting {@code lim.scoring.kernel} says. */
@Component
class KernelSelection {

  private static final String SETTING = "lim.scoring.kernel";

  KernelSelection(@Value("${" + SETTING + ":auto}") String wanted) {
    KernelChoice choice =
        Arrays.stream(KernelChoice.values())
            .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(wanted))
            .findFirst()
            .orElseThrow(() -> refused(wanted, "It must be auto, vector or plain."));
    try {
      String kernel = Kernels.select(choice);
      LoggerFactory.getLogger(KernelSelection.class).info("Scoring runs on the {} kernel", kernel);
    } catch (IllegalStateException e) {
      throw refused(wanted, String.valueOf(e.getMessage()));
    }
  }

  private static RuntimeException refused(String wanted, String reason) {
    return new InvalidConfigurationPropertyValueException(SETTING, wanted, reason);
  }
}
