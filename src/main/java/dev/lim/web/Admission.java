package dev.lim.web;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Bounds the memory that the content of bodies takes at one time, by the heap's size. Thread-safe.
 *
 * <p>Content up to {@value #SMALL} bytes is held freely while there is room in an eighth of the
 * heap. What grows beyond, or finds no room, needs one of a few places for large content, and a
 * single further place where it grows beyond {@value #LARGE}. Places are given in the order of
 * asking. Nobody who has a place waits for another of its kind or for room, so somebody always goes
 * on; a place is held from a batch's growing large to its commit, never for a whole stream, and not
 * by a client that dawdles.
 */
@Component
public final class Admission {

  static final long SMALL = 2 << 20;
  static final long LARGE = 96 << 20;

  /** A commit may need three times its content: as parsed, as sorted, and as packed. */
  private static final long HEAP_A_PLACE = 1L << 30;

  private static final int RETRY_SECONDS = 5;

  /** Who has a place must send this fast, once these seconds are over: others wait for it. */
  private static final long LEAST_BYTES_A_SECOND = 256 << 10;

  private static final int SECONDS_BEFORE = 10;

  private final AtomicLong room;
  private final Semaphore largePlaces;
  private final Semaphore largestPlace = new Semaphore(1, true);
  private final long largest;
  private final long patienceMillis;
  private final LongSupplier nanoTime;

  @Autowired
  Admission() {
    this(Runtime.getRuntime().maxMemory(), 10_000, System::nanoTime);
  }

  Admission(long heap, long patienceMillis, LongSupplier nanoTime) {
    this.room = new AtomicLong(heap / 8);
    this.largePlaces = new Semaphore(Math.max(1, (int) (heap / HEAP_A_PLACE)), true);
    this.largest = Math.max(Math.min(LARGE, heap / 5), heap / 8);
    this.patienceMillis = patienceMillis;
    this.nanoTime = nanoTime;
  }

  /** A share for the body of one request: it waits for a place, but not for long. */
  public Share forRequest() {
    return new Share(false);
  }

  /** A share for the lines of a stream, which wait for a place as long as it takes. */
  public Share forStream() {
    return new Share(true);
  }

  /** What the content of one body holds at present. Not thread-safe. */
  public final class Share implements AutoCloseable {

    private final boolean patient;
    private long bytes;
    private long fromRoom;
    private boolean hasLargePlace;
    private boolean hasLargestPlace;
    private long placeSince;
    private long bytesSince;

    private Share(boolean patient) {
      this.patient = patient;
    }

    /**
     * Says that so many more bytes are about to be held; waits where these need a place.
     *
     * @throws ProblemException 413 where this heap can never hold them, 429 where there was no
     *     place in time
     */
    public void add(long more) {
      long wanted = bytes + more;
      if (wanted > largest) {
        throw new ProblemException(
            ProblemType.BODY_TOO_LARGE,
            String.format(
                Locale.ROOT,
                "This would take more than %,d bytes of memory, which is all that this service has"
                    + " for one batch or record: send it in parts, or give the service a larger"
                    + " heap",
                largest));
      }
      if (!hasLargePlace && (wanted > SMALL || !takeRoom(more))) {
        take(largePlaces);
        hasLargePlace = true;
        giveRoomBack();
        beginPace();
      }
      if (!hasLargestPlace && wanted > LARGE) {
        take(largestPlace);
        hasLargestPlace = true;
        beginPace();
      }
      bytes = wanted;
    }

    /**
     * What is read for this share. Its reads throw a {@link ProblemException}, 408, where the
     * client keeps a place for large content longer than its sending is worth.
     */
    public InputStream paced(InputStream in) {
      return new FilterInputStream(in) {

        @Override
        public int read() throws IOException {
          int b = in.read();
          pace(b < 0 ? 0 : 1);
          return b;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
          int read = in.read(to, offset, length);
          pace(read);
          return read;
        }
      };
    }

    private void beginPace() {
      placeSince = nanoTime.getAsLong();
      bytesSince = 0;
    }

    private void pace(int read) {
      if (hasLargePlace && read > 0) {
        bytesSince += read;
        long seconds = NANOSECONDS.toSeconds(nanoTime.getAsLong() - placeSince) - SECONDS_BEFORE;
        if (seconds > bytesSince / LEAST_BYTES_A_SECOND) {
          throw RequestBodies.tooSlow();
        }
      }
    }

    private boolean takeRoom(long more) {
      if (room.addAndGet(-more) < 0) {
        room.addAndGet(more);
        return false;
      }
      fromRoom += more;
      return true;
    }

    private void giveRoomBack() {
      room.addAndGet(fromRoom);
      fromRoom = 0;
    }

    private void take(Semaphore places) {
      try {
        if (patient) {
          places.acquire();
        } else if (!places.tryAcquire(patienceMillis, TimeUnit.MILLISECONDS)) {
          throw tooMany();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw tooMany();
      }
    }

    /** Whether it has a place that others may wait for, so that it should be written soon. */
    public boolean isLarge() {
      return hasLargePlace;
    }

    public long bytes() {
      return bytes;
    }

    /** Gives all back; what was held is held no more. The share may be used again. */
    public void release() {
      giveRoomBack();
      if (hasLargePlace) {
        largePlaces.release();
      }
      if (hasLargestPlace) {
        largestPlace.release();
      }
      hasLargePlace = false;
      hasLargestPlace = false;
      bytes = 0;
    }

    @Override
    public void close() {
      release();
    }
  }

  private static ProblemException tooMany() {
    return new ProblemException(
            ProblemType.TOO_MANY_WRITES,
            "Other large writes are being taken in; nothing was changed by this one, send it again")
        .retryAfter(RETRY_SECONDS);
  }
}
