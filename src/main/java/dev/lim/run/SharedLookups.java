package dev.lim.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets readers that arrive while a look-up is on its way share the next one, so that any number of
 * them costs two look-ups at a time. Nobody gets an answer that was looked up before they asked.
 * Thread-safe.
 *
 * @param <K> what is looked up
 * @param <V> the answer
 */
final class SharedLookups<K, V> {

  /** The look-up that is on its way, and the one that gathers readers meanwhile. */
  private record Lookups<V>(
      @Nullable CompletableFuture<V> running, @Nullable CompletableFuture<V> next) {}

  private final Function<K, V> lookup;
  private final ConcurrentMap<K, Lookups<V>> present = new ConcurrentHashMap<>();

  SharedLookups(Function<K, V> lookup) {
    this.lookup = lookup;
  }

  /** The answer as it stands now; what the look-up throws is thrown to all who share it. */
  V get(K key) {
    CompletableFuture<V> own = new CompletableFuture<>();
    Lookups<V> joined =
        present.merge(
            key,
            new Lookups<>(null, own),
            (known, _) -> known.next == null ? new Lookups<>(known.running, own) : known);
    CompletableFuture<V> mine = joined.next;
    if (mine == own) {
      lead(key, own, joined.running);
    }
    return join(mine == null ? own : mine);
  }

  private void lead(K key, CompletableFuture<V> own, @Nullable CompletableFuture<V> before) {
    if (before != null) {
      before.handle((_, _) -> true).join();
    }
    // From here on, whoever comes gathers for another one.
    present.put(key, new Lookups<>(own, null));
    try {
      own.complete(lookup.apply(key));
    } catch (Throwable failure) {
      own.completeExceptionally(failure);
    } finally {
      present.computeIfPresent(
          key,
          (_, known) ->
              known.running != own
                  ? known
                  : known.next == null ? null : new Lookups<>(null, known.next));
    }
  }

  private static <V> V join(CompletableFuture<V> answer) {
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
