package dev.lim.selection;

import dev.lim.scoring.Histories;
import dev.lim.scoring.Moments;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How steadily a sample improves from epoch to epoch. */
@Component
class Linear implements Strategy {

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how steadily their reward rises through the run, however much it"
            + " rises; the paper cut at 0.7. Use it as a second baseline beside random: it misses"
            + " samples that are learned early and then stay solved, which lim keeps. The never and"
            + " the always solved score 0; those that get worse score below 0.",
        "s_i = Pearson correlation of r_i^k with k = 1..K; 0 where r_i^k does not change",
        List.of(),
        List.of(
            new Preset(
                "limr",
                Map.of(),
                "With threshold=0.7, as the paper cut; it gives no formula: see docs/strategies.md")),
        "LINEAR in LIMR: Less is More for RL Scaling, arXiv 2502.11886, section 2.3, which"
            + " describes it in words; the formula is this service's");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    Histories histories = chosen.histories(before);
    return before instanceof RowScores known && known.histories() == histories
        ? known
        : RowScores.of(histories, Moments.correlations(histories));
  }
}
