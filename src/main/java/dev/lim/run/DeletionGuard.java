package dev.lim.run;

import java.util.Optional;

/** Asked before a run is deleted. */
public interface DeletionGuard {

  /** Why the run may not be deleted but by force, in words for the user. */
  Optional<String> objection(String run);
}
