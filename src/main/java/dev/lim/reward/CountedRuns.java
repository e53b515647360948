package dev.lim.reward;

import dev.lim.reward.RewardMatrices.Read;
import dev.lim.run.RunContents;
import java.util.List;
import org.springframework.stereotype.Component;

/** Counts what runs hold, from their matrices. */
@Component
class CountedRuns implements RunContents {

  private final RewardMatrices matrices;
  private final RewardLog log;

  CountedRuns(RewardMatrices matrices, RewardLog log) {
    this.matrices = matrices;
    this.log = log;
  }

  @Override
  public Counted count(String run) {
    Read read = matrices.read(run);
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
