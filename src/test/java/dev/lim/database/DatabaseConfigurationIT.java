package dev.lim.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

@ExtendWith(OutputCaptureExtension.class)
class DatabaseConfigurationIT {

  @TempDir static Path temporary;

  Path directory;

  @BeforeEach
  void newDirectory(TestInfo test) {
    directory = temporary.resolve(test.getTestMethod().orElseThrow().getName());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--spring.application.name=no-url", "--spring.datasource.url="})
  void withoutAUrlTheEmbeddedServerIsTheDatabaseAndDataStays(String noUrl) {
    try (var context = run(noUrl)) {
      JdbcClient jdbc = context.getBean(JdbcClient.class);
      jdbc.sql("create table if not exists visit (at timestamptz)").update();
      jdbc.sql("insert into visit values (now())").update();
    }
    assertThat(directory.resolve("postgresql/data/postmaster.pid")).doesNotExist();
    try (var context = run(noUrl)) {
      assertThat(
              context
                  .getBean(JdbcClient.class)
                  .sql("select count(*) > 0 from visit")
                  .query(Boolean.class)
                  .single())
          .isTrue();
    }
  }

  @Test
  void theServerEndsAfterThePool() throws Exception {
    var context = run();
    try (Connection borrowed = context.getBean(DataSource.class).getConnection()) {
      assertThat(borrowed.isValid(1)).isTrue();
    }
    context.close();
    assertThat(Files.readString(directory.resolve("postgresql/server.log")))
        .contains("database system is shut down")
        .doesNotContain("terminating connection");
  }

  @Test
  void withAUrlTheEmbeddedServerStaysAsleep() {
    try (var server = EmbeddedPostgresql.start(directory);
        var context =
            run(
                "--lim.data-dir=" + directory.resolve("asleep"),
                "--spring.datasource.url=" + server.getJdbcUrl(),
                "--spring.datasource.username=" + server.getUsername(),
                "--spring.datasource.password=" + server.getPassword())) {
      assertThat(context.getBeansOfType(EmbeddedPostgresql.class)).isEmpty();
      assertThat(
              context
                  .getBean(JdbcClient.class)
                  .sql("select current_database()")
                  .query(String.class)
                  .single())
          .isEqualTo("lim");
      assertThat(directory.resolve("asleep")).doesNotExist();
    }
  }

  @Test
  void aServerThatLosesCommitsIsRefusedBeforeFlyway(CapturedOutput output) throws Exception {
    try (EmbeddedPostgres careless = careless("fsync", "off")) {
      assertRefused(careless, "", output, "fsync = off");
    }
  }

  @Test
  void aUserWhoseCommitsDoNotWaitIsRefusedBeforeFlyway(CapturedOutput output) throws Exception {
    try (EmbeddedPostgres careless = careless("fsync", "on")) {
      assertRefused(
          careless,
          "&options=-c%20synchronous_commit=off",
          output,
          "alter role .. set synchronous_commit = on");
    }
  }

  @Test
  void aDatabaseThatIsAwayEndsTheStartWithAMessage(CapturedOutput output) {
    assertThat(failure("--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/lim"))
        .hasRootCauseInstanceOf(ConnectException.class);
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("The database gives no connection")
        .contains("127.0.0.1:1 refused")
        .contains("look at spring.datasource.url")
        .doesNotContain("\tat dev.lim");
  }

  @Test
  void aDirectoryInUseEndsTheStartWithAMessage(CapturedOutput output) {
    try (var server = EmbeddedPostgresql.start(directory)) {
      failure();
    }
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("in use by another LIM Server")
        .contains("Stop that one first")
        .doesNotContain("\tat dev.lim");
  }

  private void assertRefused(
      EmbeddedPostgres server, String parameters, CapturedOutput output, String message)
      throws SQLException {
    failure("--spring.datasource.url=" + server.getJdbcUrl("postgres", "postgres") + parameters);
    assertThat(output).contains("APPLICATION FAILED TO START").contains(message);
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery("select from pg_tables where schemaname = 'public'")) {
      assertThat(tables.next()).as("Flyway was here").isFalse();
    }
  }

  private static EmbeddedPostgres careless(String setting, String value) throws IOException {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(temporary.resolve("their-binaries").toFile())
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig(setting, value)
        .start();
  }

  private Throwable failure(String... arguments) {
    try (var context = run(arguments)) {
      throw new AssertionError("it started");
    } catch (RuntimeException e) {
      return e;
    }
  }

  private ConfigurableApplicationContext run(String... arguments) {
    SpringApplication application =
        new SpringApplicationBuilder(DatabaseOnly.class).web(WebApplicationType.NONE).build();
    application.setDefaultProperties(Map.of("lim.data-dir", directory.toString()));
    return application.run(arguments);
  }

  @Configuration(proxyBeanMethods = false)
  @Import(DatabaseConfiguration.class)
  @ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    FlywayAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class
  })
  static class DatabaseOnly {}
}
