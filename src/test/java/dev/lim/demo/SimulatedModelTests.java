package dev.lim.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.demo.SimulatedModel.SampleRewards;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulatedModelTests {

  private final SimulatedModel model = new SimulatedModel(1);

  @Test
  void givesTheSameRewardsWhenAnEpochIsDoneAgain() {
    assertThat(new SimulatedModel(1).epoch(7)).usingRecursiveComparison().isEqualTo(model.epoch(7));
    assertThat(new SimulatedModel(2).epoch(7).getFirst())
        .extracting(SampleRewards::sample)
        .isNotEqualTo(model.epoch(7).getFirst().stream().map(SampleRewards::sample).toList());
  }

  @Test
  void dropsTheLastEightyPromptsOfAnEpochAndOthersInTheNext() {
    List<String> first = samples(1);
    assertThat(first).hasSize(1_920).doesNotHaveDuplicates();
    assertThat(samples(2)).hasSize(1_920).anyMatch(sample -> !first.contains(sample));
  }

  @Test
  void givesEveryPromptOfADatasetItsRecord() {
    assertThat(SimulatedModel.records().lines())
        .hasSize(2_000)
        .allMatch(line ->
            line.matches(
                "\\{\"id\": \"prompt-\\d{4}\", \"prompt\": \"[^\"]+\", \"answer\": \"\\d+\"}"))
        .first()
        .asString()
        .contains("prompt-0001");
  }

  @Test
  void learnsWhileSomePromptsAreNeverSolvedAndSomeAlways() {
    Map<String, Double> sums = new HashMap<>();
    double[] averages = new double[61];
    for (int epoch = 1; epoch <= 60; epoch++) {
      for (SampleRewards rewards : model.epoch(epoch).stream().flatMap(List::stream).toList()) {
        assertThat(rewards.values()).hasSize(8);
        assertThat(Arrays.stream(rewards.values())).allMatch(value -> value == 0 || value == 1);
        double mean = Arrays.stream(rewards.values()).average().orElseThrow();
        averages[epoch] += mean / 1_920;
        sums.merge(rewards.sample(), mean, Double::sum);
      }
    }
    assertThat(averages[1]).isBetween(0.2, 0.35);
    assertThat(averages[60]).isBetween(0.65, 0.8);
    assertThat(sums.values()).filteredOn(sum -> sum == 0).hasSizeBetween(80, 200);
    assertThat(sums.values()).filteredOn(sum -> sum > 57).hasSizeBetween(60, 400);
  }

  private List<String> samples(int epoch) {
    return model.epoch(epoch).stream().flatMap(List::stream).map(SampleRewards::sample).toList();
  }
}
