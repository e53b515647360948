/**
 * Strategies, scores, rankings and the subsets selected from them.
 *
 * <p>A {@link dev.lim.selection.Scored} is one immutable answer: a run at a revision, scored by a
 * strategy with certain parameters. Every call that shows scores, a ranking or a subset shows one
 * of these.
 */
@ApplicationModule(allowedDependencies = {"web", "scoring", "dataset", "run", "reward"})
@NullMarked
package dev.lim.selection;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
