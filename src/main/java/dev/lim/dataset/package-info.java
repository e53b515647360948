/**
 * Datasets and their samples.
 *
 * <p>A sample has an ordinal, its dense index in its dataset: given once, under the dataset's lock,
 * and never reused. Everything else in the service speaks of ordinals; {@link
 * dev.lim.dataset.SampleIds} is where they meet the ids that clients chose.
 */
@ApplicationModule(allowedDependencies = {"web"})
@NullMarked
package dev.lim.dataset;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
