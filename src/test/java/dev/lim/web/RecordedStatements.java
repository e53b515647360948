package dev.lim.web;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Every SQL statement that the PostgreSQL driver sends from this JVM, over whatever connection and
 * whoever wrote it: what the driver itself logs at its finest level. A statement that the server
 * keeps prepared is sent once a connection. A post-processor only in order to be there before those
 * who send. Thread-safe.
 */
final class RecordedStatements extends Handler implements BeanPostProcessor {

  private static final Pattern SENT =
      Pattern.compile("FE=> (?:Parse|SimpleQuery)\\(.*?query=\"(.*)\".*", Pattern.DOTALL);

  private final SimpleFormatter formatter = new SimpleFormatter();
  private final Logger driver = Logger.getLogger("org.postgresql.core.v3.QueryExecutorImpl");
  private final Set<String> statements = new ConcurrentSkipListSet<>();

  @PostConstruct
  void begin() {
    driver.setLevel(Level.FINEST);
    driver.setUseParentHandlers(false);
    driver.addHandler(this);
  }

  @PreDestroy
  void end() {
    driver.removeHandler(this);
    driver.setUseParentHandlers(true);
    driver.setLevel(null);
  }

  /** Each once, with white space made single and parameters as {@code ?}. */
  Set<String> statements() {
    return statements;
  }

  @Override
  public void publish(LogRecord record) {
    Matcher sent = SENT.matcher(formatter.formatMessage(record));
    if (sent.find()) {
      statements.add(sent.group(1).strip().replaceAll("\\s+", " ").replaceAll("\\$\\d+", "?"));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
