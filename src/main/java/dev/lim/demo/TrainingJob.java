package dev.lim.demo;

import dev.lim.demo.LimClient.RefusedException;
import dev.lim.demo.LimClient.Run;
import dev.lim.demo.LimClient.Subset;
import dev.lim.demo.SimulatedModel.SampleRewards;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * A training job that lives as long as the service, from when it listens until it is told to stop,
 * and trains a {@link SimulatedModel} on the dataset {@code demo}.
 *
 * <p>It goes on with the first of the runs {@code demo}, {@code demo-2}, {@code demo-3} and so on
 * that it may write to and that is not at its end, at its first unfinished epoch. So no run that it
 * meets can stop it from starting: one that somebody has finished or made with other settings is
 * passed over, and one that was deleted is made anew. Once it runs, though, a refusal is the end of
 * it: it does not bring a run back that somebody has just deleted.
 */
@Component
@Profile("demo")
@EnableConfigurationProperties(DemoSettings.class)
class TrainingJob implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(TrainingJob.class);

  private static final String NAME = "demo";
  private static final double THRESHOLD = 0.6;
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final DemoSettings settings;
  private final ServerProperties server;
  private final Environment environment;
  private @Nullable Thread thread;

  TrainingJob(DemoSettings settings, ServerProperties server, Environment environment) {
    this.settings = settings;
    this.server = server;
    this.environment = environment;
  }

  /** The place of a run in the sequence {@code demo}, {@code demo-2}, ... */
  private record Course(int number, Run run, int firstEpoch) {}

  /** Begins once the web server listens, as the last phase. */
  @Override
  public synchronized void start() {
    URI address = address();
    thread = Thread.ofVirtual().name("demo").start(() -> live(address));
  }

  /** Comes back when the job has ended, before the web server stops. */
  @Override
  public synchronized void stop() {
    Thread ending = thread;
    thread = null;
    if (ending != null) {
      ending.interrupt();
      try {
        ending.join(LAST_WORDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return thread != null && thread.isAlive();
  }

  private URI address() {
    InetAddress address = server.getAddress();
    String host =
        address == null || address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
    return URI.create(
        "http://%s:%s"
            .formatted(
                host.contains(":") ? "[" + host + "]" : host,
                environment.getRequiredProperty("local.server.port")));
  }

  private void live(URI address) {
    try (LimClient lim = new LimClient(address)) {
      train(lim, address);
    } catch (InterruptedException e) {
      log.debug("The demo stops with the service");
    } catch (RefusedException e) {
      log.warn(
          "The demo ends, and the service goes on; a restart begins again: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("The demo ends, and the service goes on", e);
    }
  }

  private void train(LimClient lim, URI address) throws InterruptedException {
    lim.putSamples(NAME, SimulatedModel.records());
    Course course = course(lim);
    Run run = course.run();
    log.info("{}", invitation(address, run.run(), course.firstEpoch()));
    SimulatedModel model = new SimulatedModel(course.number());
    for (int epoch = course.firstEpoch(); epoch <= settings.epochs(); epoch++) {
      long begun = System.nanoTime();
      long step = (epoch - 1L) * SimulatedModel.STEPS;
      List<List<SampleRewards>> batches = model.epoch(epoch);
      for (int i = 1; i <= batches.size(); i++) {
        lim.putBatch(run, epoch, step + i, batches.get(i - 1));
        if (i == batches.size()) {
          log.info("{}", progress(lim, run, epoch));
        }
        Duration due = settings.pace().multipliedBy(i).dividedBy(batches.size());
        Thread.sleep(due.minusNanos(System.nanoTime() - begun));
      }
    }
    lim.finish(run);
    log.info("The demo's run {} is finished; a restart begins another", run.run());
  }

  private Course course(LimClient lim) throws InterruptedException {
    Map<String, Object> asCreated =
        Map.of(
            "dataset",
            NAME,
            "batchesPerEpoch",
            SimulatedModel.STEPS,
            "tags",
            Map.of("model", "simulated"));
    for (int number = 1; ; number++) {
      try {
        Run run = lim.putRun(number == 1 ? NAME : NAME + "-" + number, asCreated);
        int next = firstUnfinished(run);
        if (run.state().equals("running") && next <= settings.epochs()) {
          return new Course(number, run, next);
        }
      } catch (RefusedException e) {
        if (!e.isConflict()) {
          throw e;
        }
        // somebody else's run, of other settings
      }
    }
  }

  private static int firstUnfinished(Run run) {
    var complete =
        run.epochs().stream()
            .filter(Run.Epoch::complete)
            .map(Run.Epoch::epoch)
            .collect(Collectors.toCollection(TreeSet::new));
    int epoch = 1;
    while (complete.contains(epoch)) {
      epoch++;
    }
    return epoch;
  }

  private String progress(LimClient lim, Run run, int epoch) throws InterruptedException {
    Subset subset = lim.subset(run, epoch, THRESHOLD);
    return String.format(
        Locale.ROOT,
        "%s, epoch %d of %d: average reward %.3f; %,d of %,d scored prompts pass %.1f, %,d of these"
            + " never solved",
        run.run(),
        epoch,
        settings.epochs(),
        lim.averageReward(run, epoch),
        subset.size(),
        subset.scored(),
        THRESHOLD,
        subset.neverSolved());
  }

  private static String invitation(URI address, String run, int epoch) {
    return """
    The demo trains run %2$s, from epoch %3$d on. Open

        %1$s/

    or try

        curl '%1$s/api/v1/runs/%2$s/scores?limit=5'
        curl '%1$s/api/v1/runs/%2$s/subset?top=5&solved=some&format=records-ndjson'
        curl '%1$s/api/v1/runs/%2$s/trajectories?sample=prompt-0001&sample=prompt-0002'
    """
        .formatted(address, run, epoch);
  }
}
