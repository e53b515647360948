/**
 * What all endpoints share: problems, bodies and their limits, query parameters, revalidation,
 * cursors.
 *
 * <p>Nothing that a client sends reaches a feature unbounded: a body is read through {@link
 * dev.lim.web.RequestBodies}, a query through {@link dev.lim.web.Query}, and what is wrong with
 * either leaves as a {@link dev.lim.web.ProblemException}, which becomes one RFC 9457 problem. This
 * room knows no feature.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.lim.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
