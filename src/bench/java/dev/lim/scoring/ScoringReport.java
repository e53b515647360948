package dev.lim.scoring;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link ScoringBenchmarks} and prints their times and ratios. Times are of the best
 * iteration, the one that others on the machine disturbed least.
 */
public final class ScoringReport {

  private final Map<String, Double> micros = new TreeMap<>();

  public static void main(String[] args) throws RunnerException {
    ScoringReport report = new ScoringReport();
    String include = args.length > 0 ? args[0] : ScoringBenchmarks.class.getName();
    new Runner(options(include)).run().forEach(report::add);
    report.print();
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
    System.out.printf("%n| ratio | |%n|---|---:|%n");
    for (MissingRule rule : MissingRule.values()) {
      String vector = " VECTOR " + rule;
      ratio(
          "full recompute, plain / vector, " + rule,
          of("full", " PLAIN " + rule),
          of("full", vector));
      ratio("read-only pass / full recompute, " + rule, "Large.readOnly", of("full", vector));
      ratio(
          "read-only pass / other samples scored, " + rule,
          "Large.readOnly",
          of("otherSamplesScored", vector));
      ratio(
          "full recompute / one more batch, " + rule,
          of("full", vector),
          of("oneMoreBatch", vector));
    }
    for (String rows : new String[] {"8523", "10000000"}) {
      ratio("mean of " + rows + ", plain / vector", mean("PLAIN", rows), mean("VECTOR", rows));
      ratio("mean of " + rows + ", loop / vector", "MeanLoop.mean " + rows, mean("VECTOR", rows));
    }
  }

  private static String of(String benchmark, String params) {
    return "LargeScores." + benchmark + params;
  }

  private static String mean(String kernel, String rows) {
    return "Mean.mean " + kernel + " " + rows;
  }

  private void ratio(String what, String slow, String fast) {
    Double above = micros.get(slow);
    Double below = micros.get(fast);
    if (above != null && below != null) {
      System.out.printf("| %s | %.2f |%n", what, above / below);
    }
  }
}
