package dev.lim.run;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets all readers who wait at one time share a look-up: a thread of its own asks for all that they
 * want at once, and whoever comes while it asks waits for the next time. So any number of readers
 * costs one look-up at a time, and nobody gets an answer that was looked up before they asked.
 * Thread-safe.
 *
 * @param <K> what is looked up
 * @param <V> the answer
 */
final class SharedLookups<K, V> implements AutoCloseable {

  /** Asks for several keys at once. */
  @FunctionalInterface
  interface Lookup<K, V> {

    /** The answers as they stand after this call has begun; keys may be absent. */
    Map<K, V> answers(Set<K> keys);
  }

  /** Those who wait for the same look-up, which has not begun. */
  private static final class Gathering<K, V> {
    private final Set<K> keys = new HashSet<>();
    private final CompletableFuture<Map<K, V>> answers = new CompletableFuture<>();
    private int readers;
  }

  private final Lookup<K, V> lookup;
  private final Object lock = new Object();
  private final Thread thread;
  private Gathering<K, V> gathering = new Gathering<>();
  private boolean idle;
  private boolean closed;

  SharedLookups(String name, Lookup<K, V> lookup) {
    this.lookup = lookup;
    // Not a virtual thread: it must go on while others compute, and waits in the socket itself.
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /**
   * The answer as it stands now, or null; what the look-up throws is thrown to all who share it.
   */
  @Nullable V get(K key) {
    CompletableFuture<Map<K, V>> answers;
    boolean wake;
    synchronized (lock) {
      if (closed) {
        throw new CancellationException("closed");
      }
      gathering.keys.add(key);
      gathering.readers++;
      answers = gathering.answers;
      wake = idle;
      idle = false;
    }
    if (wake) {
      LockSupport.unpark(thread);
    }
    return join(answers).get(key);
  }

  /** How many wait for a look-up that has not begun. */
  int waiting() {
    synchronized (lock) {
      return gathering.readers;
    }
  }

  private void run() {
    for (Gathering<K, V> next = next(); next != null; next = next()) {
      try {
        next.answers.complete(lookup.answers(next.keys));
      } catch (Throwable failure) {
        next.answers.completeExceptionally(failure);
      }
    }
  }

  /** Those who wait, as soon as somebody does; null when it is closed. */
  private @Nullable Gathering<K, V> next() {
    while (true) {
      synchronized (lock) {
        if (!gathering.keys.isEmpty()) {
          Gathering<K, V> next = gathering;
          gathering = new Gathering<>();
          return next;
        }
        if (closed) {
          return null;
        }
        idle = true;
      }
      LockSupport.park(this);
    }
  }

  /** Answers those who wait, and nobody from then on. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    LockSupport.unpark(thread);
  }

  private static <T> T join(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
