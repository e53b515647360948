/**
 * What a run's rewards show beside its ranking: the average curve, the distribution of scores,
 * single samples, whether a subset has settled, how much of it is luck, and what another run would
 * select.
 *
 * <p>Nothing uses this room; it only reads, through {@link dev.lim.selection.Scorings}.
 */
@ApplicationModule(
    allowedDependencies = {"web", "scoring", "dataset", "run", "reward", "selection"})
@NullMarked
package dev.lim.insight;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
