package dev.lim.selection;

import dev.lim.scoring.Alignment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Learning Impact Measurement: how closely a sample's reward curve follows the average one. */
@Component
class Lim implements Strategy {

  private record Aligned(Alignment alignment) implements Scores {

    @Override
    public double[] scores() {
      return alignment.scores();
    }

    @Override
    public int scored() {
      return alignment.scored();
    }

    @Override
    public boolean undefined() {
      return alignment.undefined();
    }

    @Override
    public double[] averages() {
      return alignment.averages();
    }
  }

  @Override
  public String name() {
    return "lim";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Ranks samples by how closely their own reward curve follows the model's average curve. Beware: a"
            + " sample that is never solved passes a threshold while the average is low, and one that is always"
            + " solved scores exactly 0; subsets count both.",
        "s_i = 1 - sum_k (r_i^k - r_avg^k)^2 / sum_k (R - r_avg^k)^2",
        List.of(),
        List.of(),
        "LIMR: Less is More for RL Scaling, arXiv 2502.11886, section 2.2");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    var columns = chosen.columns();
    int rows = chosen.matrix().rows();
    Alignment alignment =
        before instanceof Aligned aligned && aligned.alignment.rule().equals(chosen.rule())
            ? aligned.alignment.advance(columns, rows, chosen.rule())
            : Alignment.of(columns, rows, chosen.rule());
    return new Aligned(alignment);
  }
}
