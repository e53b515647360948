package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionTests {

  private final AtomicLong time = new AtomicLong();
  private final Admission admission = new Admission(1L << 30, 0, time::get);

  @Test
  void whoDawdlesWithAPlaceForLargeContentLosesIt() throws IOException {
    try (Admission.Share slow = admission.forRequest();
        InputStream body = slow.paced(new ByteArrayInputStream(new byte[1 << 20]))) {
      slow.add(Admission.SMALL + 1);
      pass(Duration.ofSeconds(10));
      body.read();
      pass(Duration.ofSeconds(2));
      assertThatExceptionOfType(ProblemException.class)
          .isThrownBy(() -> body.read())
          .matches(problem -> problem.type() == ProblemType.REQUEST_TIMEOUT);
    }
    try (Admission.Share next = admission.forRequest()) {
      next.add(Admission.SMALL + 1);
      assertThat(next.isLarge()).isTrue();
    }
  }

  @Test
  void whoSendsFastEnoughKeepsIt() throws IOException {
    try (Admission.Share steady = admission.forRequest();
        InputStream body = steady.paced(new ByteArrayInputStream(new byte[64 << 20]))) {
      steady.add(Admission.SMALL + 1);
      pass(Duration.ofSeconds(10));
      for (int second = 0; second < 200; second++) {
        assertThat(body.read(new byte[256 << 10])).isEqualTo(256 << 10);
        pass(Duration.ofSeconds(1));
      }
    }
  }

  @Test
  void smallContentMayTakeItsTime() throws IOException {
    try (Admission.Share small = admission.forRequest();
        InputStream body = small.paced(new ByteArrayInputStream(new byte[10]))) {
      small.add(10);
      pass(Duration.ofHours(1));
      assertThat(body.readAllBytes()).hasSize(10);
    }
  }

  private void pass(Duration duration) {
    time.addAndGet(duration.toNanos());
  }
}
