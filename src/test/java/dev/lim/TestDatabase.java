package dev.lim;

import dev.lim.database.EmbeddedServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A PostgreSQL database for tests. The one place that chooses the server, one for the whole test
 * JVM: a container where there is an engine for it, the service's own embedded server where there
 * is none. {@code -Dlim.test.database=container} or {@code embedded} overrules.
 *
 * @param url the JDBC address, without user and password
 */
public record TestDatabase(String url, String user, String password) {

  /** The database that the tests of this JVM share, made when it is first asked for. */
  public static TestDatabase shared() {
    return Shared.DATABASE;
  }

  /** Makes an empty database on the JVM's server. */
  public static TestDatabase create() {
    try {
      return Server.RUNNING.create("test_" + UUID.randomUUID().toString().replace('-', '_'));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A new connection, to be closed by the caller. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }

  private void applyTo(ConfigurableApplicationContext context) {
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "test database",
                Map.of(
                    "spring.datasource.url", url,
                    "spring.datasource.username", user,
                    "spring.datasource.password", password)));
  }

  /** Gives an application context the {@linkplain #shared() shared} database. */
  public static final class SharedInitializer
      implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
      shared().applyTo(context);
    }
  }

  /** Gives every application context a database of its own. */
  public static final class OwnInitializer
      implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
      create().applyTo(context);
    }
  }

  private static final class Shared {
    static final TestDatabase DATABASE = create();
  }

  private interface Server {

    Server RUNNING = containersAreThere() ? container() : embedded();

    TestDatabase create(String name) throws SQLException;

    private static boolean containersAreThere() {
      String choice = System.getProperty("lim.test.database", "");
      return choice.equals("container") || choice.isEmpty() && engineIsThere();
    }

    /** Testcontainers tells at length, as errors, where it looked in vain. */
    private static boolean engineIsThere() {
      var log = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("org.testcontainers");
      var before = log.getLevel();
      log.setLevel(ch.qos.logback.classic.Level.OFF);
      try {
        return DockerClientFactory.instance().isDockerAvailable();
      } finally {
        log.setLevel(before);
      }
    }

    /** Testcontainers' own command line has fsync off, which LIM Server refuses. */
    private static Server container() {
      var container = new PostgreSQLContainer("postgres:18.6-alpine");
      container.withCommand("postgres", "-c", "max_connections=100").start();
      return name -> {
        try (Connection connection = container.createConnection("");
            Statement statement = connection.createStatement()) {
          statement.execute("create database " + name);
        }
        return new TestDatabase(
            "jdbc:postgresql://%s:%d/%s"
                .formatted(container.getHost(), container.getMappedPort(5432), name),
            container.getUsername(),
            container.getPassword());
      };
    }

    /** The directory stays, so that the next start is quick; its databases do not. */
    private static Server embedded() {
      var server = EmbeddedServer.startIn(Path.of("target", "test-database").toAbsolutePath());
      // A first, empty application: a handler is only heard where some application has been run.
      new SpringApplicationBuilder(Object.class)
          .web(WebApplicationType.NONE)
          .bannerMode(Banner.Mode.OFF)
          .logStartupInfo(false)
          .run();
      // after the application contexts
      SpringApplication.getShutdownHandlers().add(server::close);
      return name -> {
        server.createDatabase(name);
        return new TestDatabase(server.url(name), server.user(), server.password());
      };
    }
  }
}
