/**
 * Profile {@code demo}: a simulated training job that posts to the service which it runs in.
 *
 * <p>It is a client like any other: it speaks HTTP, and uses no other room.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package dev.lim.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
