/**
 * Rewards: their wire format, ingest, the reward log, and the matrices folded from it.
 *
 * <p>The log is the truth: one packed row a batch, append-only, in the order of revisions. All else
 * is a fold of the batches in force in that order, so the same log gives the same bits on every
 * instance and after every restart. A reward's way is request, {@link dev.lim.reward.BatchReader},
 * {@link dev.lim.reward.Ingest}, {@link dev.lim.reward.RunWriters}, {@link
 * dev.lim.reward.RewardLog}, {@link dev.lim.reward.RewardMatrices}; a batch is in turn a
 * ParsedBatch as it was sent, a BatchWrite that knows where it goes, Rewards in the order of
 * samples, and a PackedBatch as the log keeps it.
 */
@ApplicationModule(allowedDependencies = {"web", "scoring", "dataset", "run"})
@NullMarked
package dev.lim.reward;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
