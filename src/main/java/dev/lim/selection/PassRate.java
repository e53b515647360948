package dev.lim.selection;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Keeps what is neither too hard nor too easy. */
@Component
class PassRate implements Strategy {

  private static final String LO = "lo";
  private static final String HI = "hi";

  @Override
  public String name() {
    return "pass-rate";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Keeps samples whose pass rate lies strictly between two bounds, and leaves the"
            + " others unscored: fraction=1 gives what is kept. Use it to drop what gives no"
            + " gradient in algorithms that compare the rollouts of a group. Give from to look at"
            + " late epochs only, as dynamic sampling does.",
        "s_i = p_i if lo < p_i < hi, else unscored; p_i = solved rollouts / rollouts in the"
            + " chosen epochs",
        List.of(
            StrategyParameter.number(
                    LO,
                    0,
                    "Drops a sample whose pass rate is not above this; -1 keeps the never solved")
                .least(-1)
                .below(1),
            StrategyParameter.number(
                    HI,
                    1,
                    "Drops a sample whose pass rate is not below this; 2 keeps the always solved")
                .above(0)
                .most(2)),
        List.of(
            new Preset(
                "dapo",
                Map.of(LO, 0.0, HI, 1.0),
                "Drops groups that are all wrong or all right: dynamic sampling in DAPO, arXiv"
                    + " 2503.14476, and in slime, NeMo-RL and SkyRL"),
            new Preset(
                "openrlhf",
                Map.of(LO, 0.1, HI, 0.9),
                "Values of dynamic_filtering_range seen in scripts for it; its default is 0 1; github.com/OpenRLHF/OpenRLHF"),
            new Preset(
                "polaris",
                Map.of(LO, -1.0, HI, 0.9),
                "Drops what has become easy, and keeps the never solved; github.com/ChenxinAn-fdu/POLARIS")),
        "DAPO: An Open-Source LLM Reinforcement Learning System at Scale, arXiv 2503.14476,"
            + " dynamic sampling; OpenRLHF, dynamic_filtering_range");
  }

  @Override
  public void check(OwnParameters own, BiConsumer<String, String> reject) {
    if (own.number(LO) >= own.number(HI)) {
      reject.accept(HI, "must be above lo");
    }
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    double lo = own.number(LO);
    double hi = own.number(HI);
    return Rollouts.score(
        chosen,
        before,
        false,
        (rollouts, solved) -> {
          double rate = solved / rollouts;
          return lo < rate && rate < hi ? rate : Double.NaN;
        });
  }
}
