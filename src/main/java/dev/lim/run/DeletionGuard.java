package dev.lim.run;

import java.util.Optional;

/** Keeps something of a run that is not to be lost by accident; asked before it is deleted. */
public interface DeletionGuard {

  /** Why the run may not be deleted but by force, in words for the user. */
  Optional<String> objection(String run);

  /** Removes what it guards; within the transaction that deletes the run, which is locked. */
  void remove(String run);
}
