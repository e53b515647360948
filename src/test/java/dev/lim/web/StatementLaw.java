package dev.lim.web;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a statement must keep to, so that partitions or Citus find the rows of one run, or one
 * dataset, in one place: every table in it is held to {@code key = ?}, or to the key of another
 * table that is; and it has nothing that Citus refuses.
 */
final class StatementLaw {

  static final Map<String, String> KEYS =
      Map.of(
          "dataset", "dataset",
          "sample", "dataset",
          "run", "run",
          "run_epoch", "run",
          "run_attempt", "run",
          "reward_batch", "run",
          "subset", "run");

  private static final String NO_ALIAS =
      "(?!(?:where|on|set|order|join|left|inner|cross|lateral|using|for|limit|group|values|select|as|fetch)\\b)";

  /** A table where one may stand, and what it is called. */
  private static final Pattern TABLE =
      Pattern.compile(
          "\\b(from|join|update|merge into|using)\\s+(?:public\\.)?("
              + String.join("|", KEYS.keySet())
              + ")\\b(?!\\.)(?:\\s+(?:as\\s+)?"
              + NO_ALIAS
              + "([a-z_]\\w*))?");

  private static final Pattern INSERT = Pattern.compile("^insert into (\\w+)\\s*\\(([^)]*)\\)");

  private static final Pattern UPDATE =
      Pattern.compile("^update (\\w+)(?: \\w+)? set (.*?)(?: where |$)");

  private static final Map<String, Pattern> REFUSED =
      Map.of(
          "merge", Pattern.compile("^merge\\b"),
          "now() in do update", Pattern.compile("do update set .*\\bnow\\(\\)"),
          "now() in returning", Pattern.compile("\\breturning .*\\bnow\\(\\)"),
          "a random value in an update", Pattern.compile("\\bset .*\\b(gen_random_uuid|random)\\("),
          "a notification beside rows", Pattern.compile("pg_notify.*\\bfrom\\b"));

  private StatementLaw() {}

  /** The tables of ours that a statement touches. */
  static Set<String> tables(String sql) {
    Set<String> tables = new HashSet<>();
    String text = sql.toLowerCase(Locale.ROOT);
    TABLE.matcher(text).results().forEach(table -> tables.add(table.group(2)));
    INSERT
        .matcher(text)
        .results()
        .map(into -> into.group(1))
        .filter(KEYS::containsKey)
        .forEach(tables::add);
    return tables;
  }

  /** What is wrong with a statement; empty where nothing is. */
  static List<String> breaches(String sql) {
    String text = sql.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    List<String> breaches = new ArrayList<>();
    Set<String> tables = tables(text);
    if (tables.isEmpty()) {
      return breaches;
    }
    REFUSED.forEach((what, pattern) -> {
      if (pattern.matcher(text).find()) {
        breaches.add(what + ": " + text);
      }
    });
    if (tables.stream().map(KEYS::get).distinct().count() > 1) {
      breaches.add("runs and datasets in one statement: " + text);
    }
    for (MatchResult into : INSERT.matcher(text).results().toList()) {
      String key = KEYS.get(into.group(1));
      if (key != null && !List.of(into.group(2).split("[ ,]+")).contains(key)) {
        breaches.add("inserts without " + key + ": " + text);
      }
    }
    for (MatchResult update : UPDATE.matcher(text).results().toList()) {
      String key = KEYS.get(update.group(1));
      if (key != null && update.group(2).matches("(.*, ?)?" + key + " ?=.*")) {
        breaches.add("changes a key: " + text);
      }
    }
    long bare = 0;
    Set<String> bareKeys = new HashSet<>();
    for (MatchResult table : TABLE.matcher(text).results().toList()) {
      String key = KEYS.get(table.group(2));
      String alias = table.group(3);
      if (alias == null) {
        bare++;
        bareKeys.add(key);
      } else if (!Pattern.compile("\\b" + alias + "\\." + key + " ?= ?(\\?|\\w+\\." + key + "\\b)")
          .matcher(text)
          .find()) {
        breaches.add(table.group(2) + " is not held to one " + key + ": " + text);
      }
    }
    for (String key : bareKeys) {
      long held = Pattern.compile("(?<![.\\w])" + key + " ?= ?\\?").matcher(text).results().count();
      if (held < bare) {
        breaches.add("a table is not held to one " + key + ": " + text);
      }
    }
    return breaches;
  }
}
