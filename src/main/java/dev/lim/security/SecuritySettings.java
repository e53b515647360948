package dev.lim.security;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code lim.security.*}.
 *
 * @param mode must be said where the service listens on more than this machine
 * @param allowedHosts host names that are answered beside this machine's own
 */
@ConfigurationProperties("lim.security")
record SecuritySettings(@Nullable Mode mode, @DefaultValue List<String> allowedHosts) {

  enum Mode {
    /** Whoever reaches the service may use it. */
    OPEN
  }
}
