package dev.lim.scoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link ScoringBenchmarks} and prints their times, and how they stand to what is wanted;
 * draws how they grow. Times are of the best iteration, the one that others on the machine
 * disturbed least.
 */
public final class ScoringReport {

  private static final Path PLOT = Path.of("docs", "images", "scoring-growth.svg");
  private static final List<String> GROWTH = List.of("scores", "top");
  private static final Map<String, String> TITLES =
      Map.of("scores", "scores, from nothing", "top", "top 1,389");

  private final Map<String, Double> micros = new TreeMap<>();

  /**
   * @param args the benchmarks to run, a regular expression; all where it is absent, and then a
   *     started service as well, {@link FreshScores}
   */
  public static void main(String[] args) throws Exception {
    ScoringReport report = new ScoringReport();
    String include = args.length > 0 ? args[0] : ScoringBenchmarks.class.getSimpleName();
    new Runner(options(include)).run().forEach(report::add);
    report.print();
    report.plot(PLOT);
    if (include.equals(ScoringBenchmarks.class.getSimpleName())) {
      FreshScores.main();
    }
  }

  private static Options options(String include) {
    return new OptionsBuilder()
        .include(include)
        .mode(Mode.AverageTime)
        .timeUnit(TimeUnit.MICROSECONDS)
        .forks(1)
        .warmupIterations(4)
        .warmupTime(TimeValue.milliseconds(500))
        .measurementIterations(10)
        .measurementTime(TimeValue.milliseconds(500))
        .jvmArgs("--add-modules=jdk.incubator.vector", "-Xms3g", "-Xmx3g", "-XX:+AlwaysPreTouch")
        .shouldFailOnError(true)
        .build();
  }

  private void add(RunResult result) {
    BenchmarkParams params = result.getParams();
    String name = params.getBenchmark().replaceAll(".*ScoringBenchmarks\\.", "");
    String values =
        params.getParamsKeys().stream()
            .sorted()
            .map(params::getParam)
            .collect(Collectors.joining(" "));
    micros.put((name + " " + values).strip(), result.getPrimaryResult().getStatistics().getMin());
  }

  private void print() {
    System.out.printf("%n| benchmark | µs |%n|---|---:|%n");
    micros.forEach((name, time) -> System.out.printf("| %s | %,.1f |%n", name, time));
    System.out.printf("%n| what | is | wanted |%n|---|---:|---:|%n");
    for (MissingRule rule : MissingRule.values()) {
      String full = of("full", rule);
      bar("read-only pass / full recompute, " + rule, "Large.readOnly", full, ">= 0.85");
      bar("read-only pass / from nothing, " + rule, "Large.readOnly", of("fromNothing", rule), "");
      bar("full recompute, plain / vector, " + rule, of("full", "PLAIN", rule), full, "");
      bar("full recompute / one more batch, " + rule, full, of("oneMoreBatch", rule), ">= 20");
      bar(
          "other samples scored / full recompute, " + rule,
          of("otherSamplesScored", rule),
          full,
          "<= 1");
    }
    bar("read-only pass / inexact columns", "Large.readOnly", "LargeInexact.full", "");
    bar("read-only pass, one thread / two", "Large.readOnly", "Large.readOnlyByTwo", "");
    for (String rows : new String[] {"10000000", "8523"}) {
      String wanted = rows.length() > 4 ? ">= 4" : ">= 10";
      String vector = "Mean.mean VECTOR " + rows;
      bar("mean of " + rows + ", plain loop / vector", "MeanLoop.mean " + rows, vector, wanted);
      bar("mean of " + rows + ", plain kernel / vector", "Mean.mean PLAIN " + rows, vector, "");
      bar(
          "mean of " + rows + ", plain loop / vector summary",
          "MeanLoop.mean " + rows,
          "Mean.summary VECTOR " + rows,
          "");
    }
    time("top 1,389 of 1 M, ms", "LargeRanking.top", 1_000, "<= 5");
    time("all of 1 M ranked, ms", "LargeRanking.all", 1_000, "");
    time("8,523 x 21, scores and ranking, µs", "Paper.scoresAndRanking", 1, "<= 200");
    for (String line : GROWTH) {
      bar(
          "10 M samples / 10 k, " + line,
          "Growth." + line + " 10000000",
          "Growth." + line + " 10000",
          "<= 1000");
    }
  }

  private static String of(String benchmark, MissingRule rule) {
    return of(benchmark, "VECTOR", rule);
  }

  private static String of(String benchmark, String kernel, MissingRule rule) {
    return "LargeScores." + benchmark + " " + kernel + " " + rule;
  }

  private void bar(String what, String above, String below, String wanted) {
    Double dividend = micros.get(above);
    Double divisor = micros.get(below);
    if (dividend != null && divisor != null) {
      System.out.printf("| %s | %.2f | %s |%n", what, dividend / divisor, wanted);
    }
  }

  private void time(String what, String benchmark, double unit, String wanted) {
    Double time = micros.get(benchmark);
    if (time != null) {
      System.out.printf("| %s | %.2f | %s |%n", what, time / unit, wanted);
    }
  }

  private void plot(Path file) throws IOException {
    Map<String, NavigableMap<Integer, Double>> series = new LinkedHashMap<>();
    micros.forEach((name, time) -> {
      String[] words = name.split("[. ]");
      if (words[0].equals("Growth")) {
        series
            .computeIfAbsent(TITLES.get(words[1]), _ -> new TreeMap<>())
            .put(Integer.valueOf(words[2]), time);
      }
    });
    if (!series.isEmpty()) {
      Files.writeString(file, GrowthPlot.svg("Time by number of samples, 20 epochs", series));
      System.out.println("\nWrote " + file);
    }
  }
}
