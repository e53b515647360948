package dev.lim.web;

import java.util.regex.Pattern;

/** The form of the ids that clients choose for runs, datasets, batches and frozen subsets. */
public final class Slug {

  public static final String REGEX = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  public static final String RULE =
      "must be 1 to 128 characters of A-Z a-z 0-9 . _ - and begin with a letter or digit";

  private static final Pattern FORM = Pattern.compile(REGEX);

  private Slug() {}

  public static boolean matches(String text) {
    return FORM.matcher(text).matches();
  }

  /**
   * A slug from the path.
   *
   * @throws ProblemException 400, naming the parameter
   */
  public static String inPath(String name, String text) {
    if (!matches(text)) {
      throw ProblemException.parameter(name, RULE);
    }
    return text;
  }
}
