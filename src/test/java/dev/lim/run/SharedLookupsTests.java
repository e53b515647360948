package dev.lim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedLookupsTests {

  /** Answers with how often it was asked, when it is let; a run that is "absent" has no answer. */
  private static final class Held implements SharedLookups.Lookup<String, Integer> {

    private final BlockingQueue<Set<String>> begun = new LinkedBlockingQueue<>();
    private final Semaphore let = new Semaphore(0);
    private int count;

    @Override
    public Map<String, Integer> answers(Set<String> keys) {
      begun.add(keys);
      let.acquireUninterruptibly();
      count++;
      Map<String, Integer> answers = new HashMap<>();
      keys.forEach(key -> answers.put(key, count));
      answers.remove("absent");
      return answers;
    }
  }

  @Test
  void nobodyGetsAnAnswerFromBeforeTheyAsked() throws Exception {
    AtomicInteger written = new AtomicInteger();
    try (SharedLookups<String, Integer> lookups =
            new SharedLookups<>("test", _ -> Map.of("run", written.get()));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> behind = new ArrayList<>();
      for (int t = 0; t < 64; t++) {
        behind.add(
            threads.submit(() -> {
              int late = 0;
              for (int i = 0; i < 2_000; i++) {
                int own = written.incrementAndGet();
                late += Objects.requireNonNull(lookups.get("run")) < own ? 1 : 0;
              }
              return late;
            }));
      }
      for (Future<Integer> late : behind) {
        assertThat(late.get()).isZero();
      }
    }
  }

  @Test
  void readersOfAnyRunsWhoComeDuringALookupShareTheNext() throws Exception {
    Held held = new Held();
    try (SharedLookups<String, Integer> lookups = new SharedLookups<>("test", held);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first = threads.submit(() -> lookups.get("run"));
      assertThat(held.begun.take()).containsExactly("run");
      List<Future<Integer>> others = new ArrayList<>();
      for (String run : List.of("run", "other", "run", "absent")) {
        others.add(threads.submit(() -> lookups.get(run)));
      }
      while (lookups.waiting() < 4) {
        Thread.onSpinWait();
      }
      held.let.release(2);
      assertThat(first.get()).isEqualTo(1);
      assertThat(others.get(0).get()).isEqualTo(2);
      assertThat(others.get(1).get()).isEqualTo(2);
      assertThat(others.get(2).get()).isEqualTo(2);
      assertThat(others.get(3).get()).isNull();
      assertThat(held.begun.take()).containsExactlyInAnyOrder("run", "other", "absent");
      assertThat(held.begun).isEmpty();
    }
  }

  @Test
  void aFailureIsThrownToAllWhoShareItAndForgotten() {
    AtomicInteger count = new AtomicInteger();
    try (SharedLookups<String, Integer> lookups =
        new SharedLookups<>(
            "test",
            _ -> {
              if (count.incrementAndGet() == 1) {
                throw new IllegalArgumentException("away");
              }
              return Map.of("run", count.get());
            })) {
      assertThatThrownBy(() -> lookups.get("run")).hasMessage("away");
      assertThat(lookups.get("run")).isEqualTo(2);
    }
  }

  @Test
  void whoWaitsWhenItIsClosedIsAnsweredAndNobodyAfter() throws Exception {
    Held held = new Held();
    SharedLookups<String, Integer> lookups = new SharedLookups<>("test", held);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first = threads.submit(() -> lookups.get("run"));
      held.begun.take();
      Future<Integer> second = threads.submit(() -> lookups.get("run"));
      while (lookups.waiting() < 1) {
        Thread.onSpinWait();
      }
      lookups.close();
      held.let.release(2);
      assertThat(first.get()).isEqualTo(1);
      assertThat(second.get()).isEqualTo(2);
      assertThatThrownBy(() -> lookups.get("run")).isInstanceOf(CancellationException.class);
    }
  }
}
