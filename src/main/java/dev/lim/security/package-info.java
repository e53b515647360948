/**
 * Who may reach the service.
 *
 * <p>In open mode, everybody on this machine; so only requests for this machine's own names are
 * answered, and a web page of another site cannot write.
 */
@ApplicationModule(allowedDependencies = {"web"})
@NullMarked
package dev.lim.security;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
