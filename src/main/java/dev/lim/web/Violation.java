package dev.lim.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong: in the body, named by a JSON pointer, or in a query or path parameter.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Violation(@Nullable String pointer, @Nullable String parameter, String detail) {

  private static final int LONGEST_NAME = 100;

  public static Violation at(String pointer, String detail) {
    return new Violation(pointer, null, detail);
  }

  public static Violation of(String parameter, String detail) {
    return new Violation(null, parameter, detail);
  }

  /**
   * A field's name as a step of a pointer: escaped as RFC 6901 says, and cut where it is very long.
   */
  public static String step(String name) {
    String shown =
        name.length() <= LONGEST_NAME
            ? name
            : name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME / 2)) + "...";
    return "/" + shown.replace("~", "~0").replace("/", "~1");
  }
}
