package dev.lim.selection;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Keeps what is seldom solved. */
@Component
class Hard implements Strategy {

  private static final String AT_MOST = "atMost";
  private static final String OF = "of";
  private static final String NEVER_SOLVED = "neverSolved";
  private static final long MOST = 1_000_000;

  @Override
  public String name() {
    return "hard";
  }

  @Override
  public Description description() {
    return new Description(
        name(),
        "Keeps samples that at most so many of so many rollouts solve, the hardest first, and"
            + " leaves the others unscored: fraction=1 gives what is kept. Use it to find what is"
            + " left to learn, for supervised data or for a stronger model. The never solved may be"
            + " beyond the model, or have a wrong answer: they are dropped unless neverSolved=keep.",
        "s_i = 1 - p_i if p_i <= atMost/of, else unscored; p_i = solved rollouts / rollouts"
            + " in the chosen epochs",
        List.of(
            StrategyParameter.integer(
                    AT_MOST, 3, "Keeps a sample of whose rollouts at most this many are correct")
                .least(0)
                .most(MOST),
            StrategyParameter.integer(
                    OF,
                    32,
                    "Out of this many: the two are read as a share, whatever the number of rollouts")
                .least(1)
                .most(MOST),
            StrategyParameter.choice(
                NEVER_SOLVED, "drop", List.of("drop", "keep"), "What becomes of the never solved")),
        List.of(
            new Preset(
                "limo",
                Map.of(AT_MOST, 3L, OF, 32L, NEVER_SOLVED, "drop"),
                "Solved in 1 to 3 of 32 attempts of a strong model; arXiv 2502.03387")),
        "LIMO: Less is More for Reasoning, arXiv 2502.03387, question selection");
  }

  @Override
  public Scores score(Chosen chosen, OwnParameters own, @Nullable Scores before) {
    double atMost = own.integer(AT_MOST);
    double of = own.integer(OF);
    boolean keep = own.choice(NEVER_SOLVED).equals("keep");
    return Rollouts.score(
        chosen,
        before,
        false,
        (rollouts, solved) ->
            solved * of <= atMost * rollouts && (keep || solved > 0)
                ? 1 - solved / rollouts
                : Double.NaN);
  }
}
