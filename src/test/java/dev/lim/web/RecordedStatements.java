package dev.lim.web;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Every SQL statement that the service hands to the driver, whoever wrote it. Thread-safe. */
final class RecordedStatements implements BeanPostProcessor {

  private final Set<String> statements = new ConcurrentSkipListSet<>();

  /** The statements since the last {@link #clear}, each once, with white space made single. */
  Set<String> statements() {
    return statements;
  }

  void clear() {
    statements.clear();
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    return bean instanceof DataSource source ? new Recorded(source) : bean;
  }

  private void record(String sql) {
    statements.add(sql.strip().replaceAll("\\s+", " "));
  }

  private final class Recorded extends DelegatingDataSource {

    Recorded(DataSource source) {
      super(source);
    }

    @Override
    public Connection getConnection() throws SQLException {
      return recording(Connection.class, super.getConnection());
    }
  }

  private <T> T recording(Class<T> type, T delegate) {
    InvocationHandler handler =
        (_, method, arguments) -> {
          if (arguments != null && arguments.length > 0 && arguments[0] instanceof String sql) {
            String name = method.getName();
            if (name.startsWith("prepare")
                || name.startsWith("execute")
                || name.equals("addBatch")) {
              record(sql);
            }
          }
          Object answer = call(delegate, method, arguments);
          return method.getName().equals("createStatement")
              ? recording(Statement.class, (Statement) answer)
              : answer;
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object delegate, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(delegate, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
