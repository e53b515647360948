/** LIM Server: Learning Impact Measurement for reinforcement learning runs, as a service. */
@NullMarked
package dev.lim;

import org.jspecify.annotations.NullMarked;
