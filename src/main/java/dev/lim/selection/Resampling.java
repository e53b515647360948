package dev.lim.selection;

import dev.lim.reward.EpochColumn;
import dev.lim.reward.RolloutUrns;
import dev.lim.reward.Urns;
import dev.lim.scoring.RowSet;
import dev.lim.web.Limits;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/**
 * Does runs again with other luck, by the rollouts that they have. What is drawn is a function of
 * the seed, the replicate, the sample's id and the epoch: it depends neither on the order of rows,
 * nor on threads, nor on the instance.
 *
 * <p>One request is worked on at a time, by as many threads as the machine and its memory allow;
 * others wait, and get 503 where that takes too long. Thread-safe.
 */
@Component
public class Resampling {

  /** Replicates where none are asked for. */
  public static final int USUAL = 100;

  public static final int MOST = 1_000;

  private static final int LONGEST_WAIT_SECONDS = 60;

  /** About what a cell costs while a replicate is worked on: its number, float32, some scores. */
  private static final int BYTES_A_CELL = 8;

  private final RolloutUrns rollouts;
  private final Strategies strategies;
  private final Limits limits;
  private final Semaphore turn = new Semaphore(1, true);

  Resampling(RolloutUrns rollouts, Strategies strategies, Limits limits) {
    this.rollouts = rollouts;
    this.strategies = strategies;
    this.limits = limits;
  }

  /**
   * Whether so many replicates cost little.
   *
   * @param most work of {@link #work}
   */
  public boolean isCheap(Scored scored, int replicates, long most) {
    return work(scored) <= most / replicates;
  }

  /**
   * Replicates of a subset; the same question about the same answer is worked on once.
   *
   * @param parameters those that {@code scored} was scored by
   * @throws ProblemException 400 where the run is too large for so many, 503 where others are being
   *     worked on for too long
   */
  public Replicates of(
      Scored scored, ScoringParameters parameters, Selection selection, int replicates, long seed) {
    long most = limits.resampledCells() / Math.max(1, work(scored));
    if (replicates > most) {
      throw ProblemException.parameter(
          "replicates",
          most < 2
              ? "the chosen epochs are too large to be resampled here: choose fewer, or raise lim.limits.resampled-cells"
              : "the chosen epochs are large: ask for at most " + most);
    }
    Scored.Question question = new Scored.Question(selection, replicates, seed);
    Replicates known = scored.replicates(question);
    if (known != null) {
      return known;
    }
    awaitTurn();
    try {
      known = scored.replicates(question);
      if (known == null) {
        known =
            LongWork.on(
                replicates * work(scored),
                () -> compute(scored, parameters, selection, replicates, seed));
        scored.keep(question, known);
      }
      return known;
    } finally {
      turn.release();
    }
  }

  /** Cells of the chosen epochs; a cell of many rollouts counts once for every eight. */
  private static long work(Scored scored) {
    long work = 0;
    for (int epoch : scored.chosen().epochs()) {
      EpochColumn column = scored.chosen().column(epoch);
      work += Math.max(column.length(), column.totalRollouts() / 8);
    }
    return work;
  }

  private void awaitTurn() {
    boolean mine = false;
    try {
      mine = turn.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!mine) {
      throw new ProblemException(
              ProblemType.OVERLOADED, "Other runs are being resampled: ask again later")
          .retryAfter(10);
    }
  }

  private Replicates compute(
      Scored scored, ScoringParameters parameters, Selection selection, int replicates, long seed) {
    Chosen chosen = scored.chosen();
    int rows = scored.matrix().rows();
    Urns urns =
        rollouts.of(
            scored.state(), scored.matrix(), parameters.correctAt(scored.state().settings()));
    long[] hashes = new long[rows];
    Arrays.setAll(hashes, chosen::idHash);
    RowSet[] subsets = new RowSet[replicates];
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < replicates; i = next.getAndIncrement()) {
            subsets[i] = selection.rows(replicate(scored, urns, hashes, seed, i));
          }
        };
    List<ForkJoinTask<?>> others = new ArrayList<>();
    for (int i = 1; i < threads(work(scored)); i++) {
      others.add(ForkJoinPool.commonPool().submit(work));
    }
    work.run();
    others.forEach(Resampling::await);
    long cells = 0;
    for (int epoch : chosen.epochs()) {
      cells += chosen.column(epoch).samples();
    }
    return new Replicates(rows, Arrays.asList(subsets), urns.single(chosen.epochs()), cells);
  }

  private Scored replicate(Scored scored, Urns urns, long[] hashes, long seed, int number) {
    long[] streams = new long[hashes.length];
    for (int row = 0; row < streams.length; row++) {
      streams[row] = Chance.bits(seed, hashes[row], number);
    }
    Chosen again = scored.chosen().over(urns.draw(scored.chosen().epochs(), streams));
    Strategy strategy = strategies.get(scored.strategy());
    return scored.with(again, strategy.score(again, scored.own(), null), null);
  }

  private static int threads(long work) {
    long fit = Runtime.getRuntime().maxMemory() / 8 / Math.max(1, BYTES_A_CELL * work);
    return (int) Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), fit));
  }

  private static void await(ForkJoinTask<?> task) {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    }
  }

  /** Reads how many replicates are asked for; what is wrong is rejected there. */
  public static int replicates(Query query) {
    return query.whole("replicates", 2, MOST).orElse(USUAL);
  }

  /** Reads the seed, as strategies do; what is wrong is rejected there. */
  public static long seed(Query query) {
    return (Long) StrategyParameter.seed().read(query, StrategyParameter.SEED);
  }
}
