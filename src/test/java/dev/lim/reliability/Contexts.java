package dev.lim.reliability;

import dev.lim.LimServer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service in the test's own process, where it need not be killed. */
final class Contexts {

  private Contexts() {}

  static ConfigurableApplicationContext start(String url, String... settings) {
    return new SpringApplicationBuilder(LimServer.class)
        .run(
            Stream.concat(
                    Stream.of(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--spring.datasource.url=" + url),
                    Arrays.stream(settings))
                .toArray(String[]::new));
  }

  static int port(ConfigurableApplicationContext context) {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }
}
