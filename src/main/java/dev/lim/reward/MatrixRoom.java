package dev.lim.reward;

import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;

/**
 * Shares the memory for matrices, half of the heap, between those that are kept and those that are
 * being folded: what is being folded is taken from what may be kept. Folds of up to a 32nd of the
 * heap go on side by side, a few at a time where they begin from nothing; one that grows beyond
 * gives up and begins again when it has the single large place, which is given in the order of
 * asking. So any number of large runs that are asked for at once are folded one after another.
 * Thread-safe.
 */
final class MatrixRoom {

  private static final int SMALL_PLACES = 3;

  private final long most;
  private final long largest;
  private final long small;
  private final LongConsumer keepAtMost;
  private final Semaphore smallPlaces = new Semaphore(SMALL_PLACES, true);
  private final Semaphore largePlace = new Semaphore(1, true);

  /**
   * @param keepAtMost is told how many bytes may be kept beside what is being folded
   */
  MatrixRoom(long heap, LongConsumer keepAtMost) {
    this.most = heap / 2;
    this.largest = heap / 8 * 3;
    this.small = heap / 32;
    this.keepAtMost = keepAtMost;
  }

  /** Of all matrices together. */
  long most() {
    return most;
  }

  /** Says that a fold without the large place has grown beyond what it may. */
  static final class NeedsLargePlace extends RuntimeException {
    NeedsLargePlace() {
      super(null, null, false, false);
    }
  }

  /** A fold's share. */
  interface Fold<T> {

    /**
     * @throws NeedsLargePlace where its share says so
     */
    T in(Share share);
  }

  /**
   * Folds, in a small place or none, and again in the large one where that is not enough. Must not
   * be called with a database connection in hand: it waits for others.
   *
   * @param anew whether it begins from nothing
   */
  <T> T fold(boolean anew, Fold<T> fold) {
    if (anew) {
      smallPlaces.acquireUninterruptibly();
    }
    try {
      return fold.in(new Share(false));
    } catch (NeedsLargePlace _) {
      // Below, when the small place is given back.
    } finally {
      if (anew) {
        smallPlaces.release();
      }
    }
    largePlace.acquireUninterruptibly();
    try {
      return fold.in(new Share(true));
    } finally {
      keepAtMost.accept(most);
      largePlace.release();
    }
  }

  /** What one fold may take. */
  final class Share {

    private final boolean large;

    private Share(boolean large) {
      this.large = large;
    }

    /**
     * Says what is held at present.
     *
     * @param folding bytes of columns that are being folded
     * @param all bytes of all columns of the matrix
     * @throws NeedsLargePlace where it needs to begin again
     * @throws ProblemException 507, where the matrix has no room in this heap
     */
    void holds(long folding, long all) {
      if (all > largest) {
        throw new ProblemException(
            ProblemType.RUN_TOO_LARGE,
            "The run's rewards need more than the "
                + (largest >> 20)
                + " MiB that this service may use for one run: give it a larger heap (-Xmx)");
      }
      if (large) {
        keepAtMost.accept(most - folding);
      } else if (folding > small) {
        throw new NeedsLargePlace();
      }
    }
  }
}
