package dev.lim.selection;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Work that may take long goes to a thread of the system's own. Requests are served by virtual
 * threads, which give way when they wait, but not when they compute: as many computations as there
 * are processors would hold up every other request until one of them ends.
 */
final class LongWork {

  /** Cells of which fewer are done before another thread had woken up. */
  private static final long LONG = 1 << 20;

  private static final Executor THREADS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("work-", 0).factory());

  private LongWork() {}

  /** As {@link #on(long, Supplier)}, for work that gives nothing. */
  static void on(long cells, Runnable work) {
    on(
        cells,
        () -> {
          work.run();
          return work;
        });
  }

  /**
   * Does the work, and throws what it throws.
   *
   * @param cells how many it reads, about
   */
  static <T> T on(long cells, Supplier<T> work) {
    if (cells < LONG || !Thread.currentThread().isVirtual()) {
      return work.get();
    }
    try {
      return CompletableFuture.supplyAsync(work, THREADS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }
}
