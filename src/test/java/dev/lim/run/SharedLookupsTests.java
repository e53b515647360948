package dev.lim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedLookupsTests {

  @Test
  void nobodyGetsAnAnswerFromBeforeTheyAsked() throws Exception {
    AtomicInteger written = new AtomicInteger();
    SharedLookups<String, Integer> lookups = new SharedLookups<>(_ -> written.get());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> behind = new ArrayList<>();
      for (int t = 0; t < 64; t++) {
        behind.add(
            threads.submit(() -> {
              int late = 0;
              for (int i = 0; i < 2_000; i++) {
                int own = written.incrementAndGet();
                late += lookups.get("run") < own ? 1 : 0;
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
  void readersWhoComeDuringALookupShareTheNext() throws Exception {
    AtomicInteger count = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SharedLookups<String, Integer> lookups =
        new SharedLookups<>(_ -> {
          begun.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return count.incrementAndGet();
        });
    try (ExecutorService threads = Executors.newFixedThreadPool(10)) {
      Future<Integer> first = threads.submit(() -> lookups.get("run"));
      begun.await();
      CountDownLatch asked = new CountDownLatch(9);
      List<Future<Integer>> others = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        others.add(
            threads.submit(() -> {
              asked.countDown();
              return lookups.get("run");
            }));
      }
      asked.await();
      release.countDown();
      assertThat(first.get()).isEqualTo(1);
      for (Future<Integer> other : others) {
        assertThat(other.get()).isGreaterThan(1);
      }
      assertThat(count.get()).isLessThan(10);
    }
  }

  @Test
  void aFailureIsThrownToAllWhoShareItAndForgotten() {
    AtomicInteger count = new AtomicInteger();
    SharedLookups<String, Integer> lookups =
        new SharedLookups<>(_ -> {
          if (count.incrementAndGet() == 1) {
            throw new IllegalArgumentException("away");
          }
          return count.get();
        });
    assertThatThrownBy(() -> lookups.get("run")).hasMessage("away");
    assertThat(lookups.get("run")).isEqualTo(2);
  }
}
