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
    return start(new SpringApplicationBuilder(LimServer.class), url, settings);
  }

  /** With one bean more, which is there before the service starts to work. */
  static ConfigurableApplicationContext startWith(Class<?> bean, String url) {
    return start(new SpringApplicationBuilder(LimServer.class, bean), url);
  }

  private static ConfigurableApplicationContext start(
      SpringApplicationBuilder service, String url, String... settings) {
    return service.run(
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
