package dev.lim.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lim.web.ProblemException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class LongWorkTests {

  @Test
  void longWorkLeavesTheVirtualThreadAndShortWorkStays() throws Exception {
    assertThat(onVirtualThread(() -> LongWork.on(1 << 20, Thread::currentThread)).isVirtual())
        .isFalse();
    assertThat(onVirtualThread(() -> LongWork.on(1000, Thread::currentThread)).isVirtual())
        .isTrue();
    assertThat(LongWork.on(1 << 20, Thread::currentThread)).isSameAs(Thread.currentThread());
  }

  @Test
  void whatItThrowsIsThrown() throws Exception {
    ProblemException problem = ProblemException.parameter("from", "is wrong");
    assertThat(
            onVirtualThread(() -> {
              assertThatThrownBy(() ->
                      LongWork.on(
                          1 << 20,
                          () -> {
                            throw problem;
                          }))
                  .isSameAs(problem);
              return true;
            }))
        .isTrue();
  }

  private static <T> T onVirtualThread(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.startVirtualThread(task);
    return task.get();
  }
}
