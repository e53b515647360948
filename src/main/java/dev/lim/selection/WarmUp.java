package dev.lim.selection;

import com.sun.management.ThreadMXBean;
import dev.lim.dataset.Samples;
import dev.lim.reward.RewardMatrices;
import dev.lim.scoring.Kernels;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * When the service is ready, folds and scores what is made up, on a thread of its own, so that the
 * first answer need not wait for the compiler; once in a process. Until that is done the plain
 * kernel scores.
 */
@Component
@DependsOn("kernelSelection")
class WarmUp {

  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private final RewardMatrices matrices;
  private final Samples samples;
  private final Runnable kernel =
      Kernels.warmUp(
          ((ThreadMXBean) ManagementFactory.getThreadMXBean())::getCurrentThreadAllocatedBytes);

  WarmUp(RewardMatrices matrices, Samples samples) {
    this.matrices = matrices;
    this.samples = samples;
  }

  @EventListener(ApplicationReadyEvent.class)
  void begin() {
    if (BEGUN.compareAndSet(false, true)) {
      Thread.ofPlatform()
          .daemon()
          .name("warm-up")
          .priority(Thread.MIN_PRIORITY)
          .start(() -> {
            try {
              matrices.warmUp();
              samples.warmUp();
            } finally {
              kernel.run();
            }
          });
    }
  }
}
