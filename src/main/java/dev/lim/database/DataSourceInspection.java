package dev.lim.database;

import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Looks at every {@code DataSource} before anybody else does, Flyway included, and ends the start
 * when its server is away or {@linkplain ServerSettings#requireFit() unfit}.
 */
final class DataSourceInspection implements BeanPostProcessor {

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (bean instanceof DataSource dataSource) {
      inspect(dataSource);
    }
    return bean;
  }

  private static void inspect(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      ServerSettings.of(connection).requireFit();
    } catch (SQLException | PoolInitializationException e) {
      throw new UnfitDatabaseException(
          "The database gives no connection: " + e.getMessage(),
          "Start it if it is not running; look at spring.datasource.url, .username and .password.",
          e);
    }
  }
}
