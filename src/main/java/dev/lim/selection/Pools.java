package dev.lim.selection;

import dev.lim.scoring.Column;
import dev.lim.scoring.Histories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Three pools by a sample's latest reward, easy, normal and hard, each with a weight, as prime-rl
 * keeps them. The score is the weight. An epoch in which a sample was not observed leaves it in its
 * pool.
 */
@Component
class Pools implements Strategy {

  private static final StrategyParameter HARD_AT =
      StrategyParameter.number("hardAt", 0.25, "Hard is a latest reward of this or less");
  private static final StrategyParameter EASY_ABOVE =
      StrategyParameter.number(
          "easyAbove", 0.75, "Easy is a latest reward above this that is not hard");

  private static final List<StrategyParameter> PARAMETERS =
      List.of(
          HARD_AT,
          EASY_ABOVE,
          weight("hardWeight", 0.2, "hard"),
          weight("normalWeight", 1, "normal"),
          weight("easyWeight", 0.2, "easy"));

  private static StrategyParameter weight(String name, double weight, String pool) {
    return StrategyParameter.number(
            name, weight, "The weight of a sample in the " + pool + " pool; 0: never drawn")
        .least(0);
  }

  @Override
  public String name() {
    return "pools";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Weighs samples by the pool that their latest reward puts them in. Use it to draw batches: mostly prompts that"
            + " are neither solved nor hopeless now, with a few of the others to see when that changes. With rewards"
            + " other than 0 to 1, say reward=accuracy.",
        "w_i = hardWeight if r_i <= hardAt, else normalWeight if r_i <= easyAbove, else easyWeight; r_i the latest"
            + " observed r_i^k",
        PARAMETERS,
        List.of(),
        "prime-rl (github.com/PrimeIntellect-ai/prime-rl), src/prime_rl/orchestrator/curriculum/samplers/pool.py");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.observed(before);
    float hardAt = (float) own.number("hardAt");
    float easyAbove = (float) own.number("easyAbove");
    double hard = own.number("hardWeight");
    double normal = own.number("normalWeight");
    double easy = own.number("easyWeight");
    float[][] columns = chosen.columns().stream().map(Column::values).toArray(float[][]::new);
    return RowScores.of(
        histories,
        histories.scores(row -> {
          float reward = latest(columns, row);
          return reward <= hardAt ? hard : reward <= easyAbove ? normal : easy;
        }));
  }

  /** The latest reward of a row that has one. */
  private static float latest(float[][] columns, int row) {
    int k = columns.length - 1;
    while (row >= columns[k].length || Float.isNaN(columns[k][row])) {
      k--;
    }
    return columns[k][row];
  }
}
