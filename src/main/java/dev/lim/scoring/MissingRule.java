package dev.lim.scoring;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What becomes of a sample without a reward in some of the chosen epochs. */
public enum MissingRule {

  /**
   * An absent reward takes that of the next epoch when it was observed there. One step only: two
   * absent epochs in a row, or an absent last one, leave the sample unscored. The rule of the
   * published LIMR script.
   */
  BACKFILL,

  /** Any absent epoch leaves the sample unscored. */
  EXCLUDE,

  /** An absent reward takes the latest earlier one; absent from the first epoch on: unscored. */
  CARRY,

  /** A sample is scored over the epochs in which it was observed, if these are enough. */
  OBSERVED;

  private final String code = name().toLowerCase(Locale.ROOT);

  /** The name in lower case, as settings and answers write it. */
  public String code() {
    return code;
  }

  /** All codes, for the user. */
  public static String codes() {
    return Arrays.stream(values()).map(MissingRule::code).collect(Collectors.joining(", "));
  }

  /** The rule that {@link #code()} names, if there is one. */
  public static Optional<MissingRule> of(String code) {
    return Arrays.stream(values()).filter(rule -> rule.code.equals(code)).findFirst();
  }
}
