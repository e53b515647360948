package dev.lim.reward;

import dev.lim.run.RunState;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Which samples a run met in its latest optimiser steps. Thread-safe. */
@Component
public class RecentSteps {

  private final RewardLog log;

  RecentSteps(RewardLog log) {
    this.log = log;
  }

  /**
   * The ordinals of the samples with rollouts in force from the last so many steps, counted by
   * their numbers from the latest one; batches without a step count for none.
   *
   * @param state as of whose revision
   * @param steps at least 1
   * @return empty where no batch in force has a step
   */
  public Optional<BitSet> ordinals(RunState state, long steps) {
    return log.latestStep(state.run(), state.revision())
        .map(latest -> since(state, latest - steps));
  }

  private BitSet since(RunState state, long step) {
    BitSet ordinals = new BitSet();
    long from = 0;
    for (List<RewardLog.Row> page = log.sinceStep(state.run(), step, from, state.revision());
        !page.isEmpty();
        page = log.sinceStep(state.run(), step, from, state.revision())) {
      for (RewardLog.Row row : page) {
        for (int ordinal : RewardCodec.unpack(row.packed()).ordinals()) {
          ordinals.set(ordinal);
        }
        from = row.revision();
      }
    }
    return ordinals;
  }
}
