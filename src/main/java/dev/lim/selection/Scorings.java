package dev.lim.selection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.dataset.SampleIds;
import dev.lim.dataset.Samples;
import dev.lim.reward.RewardMatrices;
import dev.lim.reward.RewardMatrices.Read;
import dev.lim.reward.RewardMatrix;
import dev.lim.reward.RunEpochs;
import dev.lim.run.RewardKind;
import dev.lim.run.RunSettings;
import dev.lim.run.RunState;
import dev.lim.scoring.Alignment;
import dev.lim.scoring.MissingRule;
import dev.lim.scoring.Ranking;
import dev.lim.web.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Scores runs on read, once a revision and setting; readers of the same thing share one answer, and
 * the next revision's begins from the last one's. Thread-safe.
 */
@Component
public class Scorings {

  private final RewardMatrices matrices;
  private final Samples samples;
  private final Strategies strategies;
  private final Cache<Key, Latest> cache;

  Scorings(RewardMatrices matrices, Samples samples, Strategies strategies) {
    this.matrices = matrices;
    this.samples = samples;
    this.strategies = strategies;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / 8 >> 10)
            .expireAfterAccess(Duration.ofMinutes(10))
            .weigher((Key _, Latest latest) -> 1 + (int) (2 * latest.bytes() >> 10))
            .build();
    matrices.onChange(this::letGo);
  }

  /**
   * An answer holds on to the matrix that it was made from: it goes when that is no longer kept, or
   * when it is what keeps more of it than it is worth itself.
   */
  private void letGo(UUID incarnation, float correctAt, @Nullable RewardMatrix present) {
    cache
        .asMap()
        .entrySet()
        .removeIf(entry ->
            entry.getKey().incarnation.equals(incarnation)
                && entry.getKey().correctAt == correctAt
                && (present == null || entry.getValue().keepsTooMuchBeside(present)));
  }

  /** All that an answer depends on, but the run's revision. */
  private record Key(
      UUID incarnation,
      String strategy,
      OwnParameters own,
      RewardKind reward,
      float correctAt,
      double highest,
      MissingRule missing,
      int minEpochs,
      @Nullable Integer from,
      @Nullable Integer through) {}

  /**
   * The run as it stands now, or at this state if nothing was written since, scored.
   *
   * @throws ProblemException 400 where the epochs asked for are not in the run
   */
  public Scored score(RunState state, ScoringParameters parameters) {
    float correctAt = parameters.correctAt(state.settings());
    Read read = matrices.read(state, correctAt);
    if (parameters.correctAt(read.state().settings()) != correctAt) {
      // Settings changed since: what counts as solved would be another thing than the key says.
      return score(read.state(), parameters);
    }
    Key key = key(read.state(), parameters);
    Latest latest = cache.get(key, _ -> new Latest());
    synchronized (latest) {
      Scored before = latest.scored;
      if (before != null && before.state().revision() == read.state().revision()) {
        return before;
      }
      RewardMatrix matrix = read.matrix();
      Scored scored =
          LongWork.on(
              (long) matrix.rows() * matrix.columns().size(),
              () -> score(read, parameters, before));
      if (before == null || before.state().revision() < read.state().revision()) {
        latest.scored = scored;
        cache.put(key, latest);
      }
      return scored;
    }
  }

  /**
   * Scores the run as it stood after each of the chosen epochs with rewards, in their order.
   *
   * @param to takes the epoch, and the scores by row, NaN where unscored
   */
  public void scoreAfterEach(Scored scored, BiConsumer<Integer, double[]> to) {
    LongWork.on(cellsAfterEach(scored), () -> afterEach(scored, to));
  }

  private static long cellsAfterEach(Scored scored) {
    long epochs = scored.chosen().epochs().size();
    return scored.matrix().rows() * epochs * epochs / 2;
  }

  private void afterEach(Scored scored, BiConsumer<Integer, double[]> to) {
    Strategy strategy = strategies.get(scored.strategy());
    Strategy.@Nullable Scores scores = null;
    for (int k = 1; k <= scored.chosen().epochs().size(); k++) {
      Chosen first = scored.chosen().first(k);
      scores = strategy.score(first, scored.own(), scores);
      to.accept(first.through(), scores.scores());
    }
  }

  /**
   * The run as it stood after each of the chosen epochs with rewards, in their order: scores,
   * ranking, and what was solved until then, each from the one before. The state is that of {@code
   * scored}.
   */
  public void eachEpoch(Scored scored, Consumer<Scored> to) {
    LongWork.on(cellsAfterEach(scored), () -> walk(scored, to));
  }

  private void walk(Scored scored, Consumer<Scored> to) {
    SolvedRows solved = new SolvedRows(scored.matrix().rows());
    Strategy strategy = strategies.get(scored.strategy());
    Strategy.@Nullable Scores scores = null;
    for (int k = 1; k <= scored.chosen().epochs().size(); k++) {
      Chosen first = scored.chosen().first(k);
      scores = strategy.score(first, scored.own(), scores);
      solved.add(first.column(first.through()));
      to.accept(scored.with(first, scores, solved.copy()));
    }
  }

  private Scored score(Read read, ScoringParameters parameters, @Nullable Scored before) {
    RunState state = read.state();
    RewardMatrix matrix = read.matrix();
    SampleIds ids = samples.ids(state.dataset(), matrix.ordinalsEnd());
    Chosen chosen = choose(read, parameters, ids);
    Strategy.Scores scores =
        strategies
            .get(parameters.strategy())
            .score(chosen, parameters.own(), before == null ? null : before.scores());
    int[] idRank;
    Ranking ranking;
    if (before != null && before.scores().scores() == scores.scores()) {
      idRank = before.idRank();
      ranking = before.ranking();
    } else {
      idRank = chosen.idRank();
      ranking = Ranking.of(scores.scores(), matrix.rows(), idRank);
    }
    return new Scored(
        state, parameters.strategy(), parameters.own(), chosen, scores, ranking, ids, idRank);
  }

  /**
   * The epochs that the parameters choose, and how their rewards are read.
   *
   * @throws ProblemException 400 where they are not in the run
   */
  private static Chosen choose(Read read, ScoringParameters parameters, SampleIds ids) {
    RunSettings settings = read.state().settings();
    RewardMatrix matrix = read.matrix();
    RunEpochs runEpochs = new RunEpochs(read);
    Integer asked = parameters.through();
    if (asked != null && asked > runEpochs.latest()) {
      throw ProblemException.parameter(
          "through",
          runEpochs.latest() == 0
              ? "the run has no rewards yet"
              : "is beyond " + runEpochs.latest() + ", the latest epoch with rewards");
    }
    int from = parameters.from() == null ? 1 : parameters.from();
    int through = asked != null ? asked : runEpochs.usual();
    if (from > through && through > 0) {
      throw ProblemException.parameter(
          "from", "is after " + through + ", the latest complete epoch: name through as well");
    }
    List<Integer> epochs = new ArrayList<>();
    List<Integer> empty = new ArrayList<>();
    for (int epoch = from; epoch <= through; epoch++) {
      (matrix.columns().containsKey(epoch) ? epochs : empty).add(epoch);
    }
    return new Chosen(
        matrix,
        from,
        through,
        epochs,
        empty,
        parameters.reward(settings),
        new Alignment.Rule(
            parameters.highest(settings), parameters.missing(settings), parameters.minEpochs()),
        ids);
  }

  private static Key key(RunState state, ScoringParameters parameters) {
    RunSettings settings = state.settings();
    return new Key(
        state.incarnation(),
        parameters.strategy(),
        parameters.own(),
        parameters.reward(settings),
        parameters.correctAt(settings),
        parameters.highest(settings),
        parameters.missing(settings),
        parameters.minEpochs(),
        parameters.from(),
        parameters.through());
  }

  /** The latest answer for a key; its monitor lets one thread compute the next. */
  private static final class Latest {

    private volatile @Nullable Scored scored;

    boolean keepsTooMuchBeside(RewardMatrix matrix) {
      Scored kept = scored;
      return kept != null && kept.matrix().bytesNotIn(matrix) > bytes();
    }

    /**
     * Scores, ranking, id ranks, and what the next answer may begin from; not the matrix, which is
     * kept elsewhere.
     */
    long bytes() {
      Scored present = scored;
      return present == null ? 0 : 40L * present.matrix().rows();
    }
  }
}
