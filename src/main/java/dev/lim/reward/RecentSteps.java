package dev.lim.reward;

import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Which samples a run met in its latest optimiser steps. Thread-safe. */
@Component
public class RecentSteps {

  private final Runs runs;
  private final RewardLog log;

  RecentSteps(Runs runs, RewardLog log) {
    this.runs = runs;
    this.log = log;
  }

  /**
   * The ordinals of the samples with rollouts in force from the last so many steps, counted by
   * their numbers from the latest one; batches without a step count for none.
   *
   * @param state as of whose revision
   * @param steps at least 1
   * @return empty where no batch in force has a step
   * @throws ProblemException 404 or 410 where the run was deleted since
   */
  public Optional<BitSet> ordinals(RunState state, long steps) {
    Optional<BitSet> ordinals =
        log.latestStep(state.run(), state.revision()).map(latest -> since(state, latest - steps));
    // What was read while the run was deleted is part of it, or nothing.
    if (!runs.read(state.run()).incarnation().equals(state.incarnation())) {
      throw new ProblemException(
          ProblemType.RUN_DELETED,
          "Run " + state.run() + " was deleted and made anew meanwhile: ask again");
    }
    return ordinals;
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
