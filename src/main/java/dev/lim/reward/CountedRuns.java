package dev.lim.reward;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.lim.reward.RewardMatrices.Read;
import dev.lim.run.RunContents;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Counts what runs hold, from their matrices; what was counted is kept, so that lists are cheap.
 */
@Component
class CountedRuns implements RunContents {

  private static final long MOST_EPOCHS_KEPT = 1 << 20;

  private final Runs runs;
  private final RewardMatrices matrices;
  private final RewardLog log;
  private final Cache<UUID, Counted> latest =
      Caffeine.newBuilder()
          .maximumWeight(MOST_EPOCHS_KEPT)
          .weigher((UUID _, Counted counted) -> 10 + counted.contents().epochs().size())
          .build();

  CountedRuns(Runs runs, RewardMatrices matrices, RewardLog log) {
    this.runs = runs;
    this.matrices = matrices;
    this.log = log;
  }

  @Override
  public Counted count(String run) {
    RunState state = runs.read(run);
    Counted known = latest.getIfPresent(state.incarnation());
    if (known != null && known.state().revision() == state.revision()) {
      return known;
    }
    Counted counted = count(matrices.read(state, null));
    latest.put(state.incarnation(), counted);
    return counted;
  }

  private static Counted count(Read read) {
    RunEpochs epochs = new RunEpochs(read);
    List<EpochContents> contents =
        read.matrix().columns().entrySet().stream()
            .map(entry ->
                new EpochContents(
                    entry.getKey(),
                    entry.getValue().batches(),
                    entry.getValue().samples(),
                    entry.getValue().totalRollouts(),
                    epochs.isComplete(entry.getKey())))
            .toList();
    return new Counted(
        read.state(),
        new Contents(
            read.matrix().population(),
            contents.stream().mapToLong(EpochContents::rollouts).sum(),
            read.matrix().columns().values().stream().mapToLong(EpochColumn::aboveMax).sum(),
            contents));
  }

  @Override
  public void remove(String run) {
    log.remove(run);
  }
}
