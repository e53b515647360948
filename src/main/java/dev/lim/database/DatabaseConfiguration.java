package dev.lim.database;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Which database it is, and that nobody gets at it before it was found fit. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

  @Bean
  @Conditional(NoUrlGiven.class)
  EmbeddedPostgresql embeddedPostgresql(
      @Value("${lim.data-dir:${user.home}/.lim-server}") String directory) {
    return EmbeddedPostgresql.start(Path.of(directory).toAbsolutePath().normalize());
  }

  @Bean
  static DataSourceInspection dataSourceInspection() {
    return new DataSourceInspection();
  }

  /** An empty {@code spring.datasource.url}, as Compose files pass it on, is none. */
  static final class NoUrlGiven implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return !StringUtils.hasText(context.getEnvironment().getProperty("spring.datasource.url"));
    }
  }
}
