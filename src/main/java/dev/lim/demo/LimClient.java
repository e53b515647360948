package dev.lim.demo;

import dev.lim.demo.SimulatedModel.SampleRewards;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

/**
 * The calls of LIM Server that a training job needs. A service that is away, or has too much to do,
 * is asked again until it answers; all calls may be repeated.
 *
 * <p>All calls throw {@link RefusedException} where the service refuses, and {@link
 * InterruptedException} where the thread is interrupted.
 */
final class LimClient implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LimClient.class);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final RestClient rest;

  LimClient(URI address) {
    var requests = new JdkClientHttpRequestFactory(http);
    requests.setReadTimeout(PATIENCE);
    rest = RestClient.builder().requestFactory(requests).baseUrl(address + "/api/v1").build();
  }

  /** The service has said no, and would say it again. */
  static final class RefusedException extends RuntimeException {

    private final HttpStatusCode status;

    private RefusedException(RestClientResponseException refusal) {
      super(detail(refusal), refusal);
      status = refusal.getStatusCode();
    }

    boolean isConflict() {
      return status.isSameCodeAs(HttpStatus.CONFLICT);
    }

    private static String detail(RestClientResponseException refusal) {
      @Nullable Problem problem;
      try {
        problem = refusal.getResponseBodyAs(Problem.class);
      } catch (RestClientException _) {
        problem = null;
      }
      return problem == null || problem.detail() == null
          ? "HTTP " + refusal.getStatusCode()
          : problem.detail();
    }

    private record Problem(@Nullable String detail) {}
  }

  record Run(String run, String state, int attempt, List<Epoch> epochs) {

    record Epoch(int epoch, boolean complete) {}
  }

  record Subset(int scored, int size, int neverSolved) {}

  private record Batch(long step, List<SampleRewards> rewards) {}

  private record Curve(List<Item> items) {

    record Item(double observedReward, int samples) {}
  }

  /** Adds the records to the dataset, or replaces them; NDJSON. */
  void putSamples(String dataset, String records) throws InterruptedException {
    patiently(() ->
        rest.put()
            .uri("/datasets/{dataset}/samples", dataset)
            .contentType(MediaType.APPLICATION_NDJSON)
            .body(records.getBytes(StandardCharsets.UTF_8))
            .retrieve()
            .toBodilessEntity());
  }

  Run putRun(String run, Map<String, Object> settings) throws InterruptedException {
    return patiently(
        () -> rest.put().uri("/runs/{run}", run).body(settings).retrieve().body(Run.class));
  }

  void putBatch(Run run, int epoch, long step, List<SampleRewards> rewards)
      throws InterruptedException {
    patiently(() ->
        rest.put()
            .uri("/runs/{run}/epochs/{epoch}/batches/step-{step}", run.run(), epoch, step)
            .header("Lim-Attempt", "" + run.attempt())
            .body(new Batch(step, rewards))
            .retrieve()
            .toBodilessEntity());
  }

  void finish(Run run) throws InterruptedException {
    patiently(() ->
        rest.post()
            .uri("/runs/{run}/finish", run.run())
            .header("Lim-Attempt", "" + run.attempt())
            .retrieve()
            .toBodilessEntity());
  }

  /** The mean reward of the samples that were observed in the epoch. */
  double averageReward(Run run, int epoch) throws InterruptedException {
    Curve curve =
        patiently(() ->
            rest.get()
                .uri("/runs/{run}/curve?from={epoch}&through={epoch}", run.run(), epoch, epoch)
                .retrieve()
                .body(Curve.class));
    return curve.items().isEmpty() ? Double.NaN : curve.items().getFirst().observedReward();
  }

  Subset subset(Run run, int through, double threshold) throws InterruptedException {
    return patiently(() ->
        rest.get()
            .uri(
                "/runs/{run}/subset?threshold={threshold}&through={through}",
                run.run(),
                threshold,
                through)
            .retrieve()
            .body(Subset.class));
  }

  private interface Call<T> {
    @Nullable T send();
  }

  private static <T> T patiently(Call<T> call) throws InterruptedException {
    for (boolean first = true; ; first = false) {
      String trouble;
      try {
        return Objects.requireNonNull(call.send());
      } catch (ResourceAccessException e) {
        trouble = "cannot be reached";
      } catch (HttpServerErrorException e) {
        trouble = "has trouble (" + e.getStatusCode() + ")";
      } catch (RestClientResponseException e) {
        if (!e.getStatusCode().isSameCodeAs(HttpStatus.TOO_MANY_REQUESTS)) {
          throw new RefusedException(e);
        }
        trouble = "has too much to do";
      }
      if (first && !Thread.currentThread().isInterrupted()) {
        log.warn("The service {}; the demo waits for it", trouble);
      }
      Thread.sleep(PAUSE);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
