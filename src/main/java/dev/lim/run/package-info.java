/**
 * Runs: their settings, attempts, and which of their epochs are closed.
 *
 * <p>A run's row is its lock: every change of a run or of its rewards is made while its row is
 * held, and counts its revision up by one. Settings only say how rewards are read, so they may
 * change at any time.
 */
@ApplicationModule(allowedDependencies = {"web", "scoring", "dataset"})
@NullMarked
package dev.lim.run;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
