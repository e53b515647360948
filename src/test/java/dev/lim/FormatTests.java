package dev.lim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds every source to google-java-format. To mend: {@code mvn test -Dtest=FormatTests
 * -Dformat.write}.
 */
class FormatTests {

  private static final Path SOURCES = Path.of("src");

  private final Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());

  @Test
  void everySourceIsFormatted() throws Exception {
    boolean write = System.getProperty("format.write") != null;
    List<Path> sources;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(sources).hasSizeGreaterThan(50);
    List<Path> off = new ArrayList<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      String formatted = formatted(text, source);
      if (!formatted.equals(text)) {
        off.add(source);
        if (write) {
          Files.writeString(source, formatted);
        }
      }
    }
    if (!write) {
      assertThat(off).as("mend with: mvn test -Dtest=FormatTests -Dformat.write").isEmpty();
    }
  }

  private String formatted(String text, Path source) throws IOException {
    try {
      String imports =
          ImportOrderer.reorderImports(RemoveUnusedImports.removeUnusedImports(text), Style.GOOGLE);
      return formatter.formatSource(imports);
    } catch (com.google.googlejavaformat.java.FormatterException e) {
      throw new IOException(source.toString(), e);
    }
  }
}
