package dev.lim.reward;

import dev.lim.dataset.SampleIds;
import dev.lim.reward.Ingest.Target;
import dev.lim.reward.RewardController.StreamAnswer;
import dev.lim.reward.RunWriters.Committed;
import dev.lim.web.Admission;
import dev.lim.web.DatabaseAway;
import dev.lim.web.Limits;
import dev.lim.web.NdjsonLines;
import dev.lim.web.ProblemException;
import dev.lim.web.Stopping;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads batches from NDJSON, a line each, and commits those together that have arrived, so that a
 * file is taken in at the speed of the log and a live stream without delay. Each line is still
 * atomic. Thread-safe.
 */
@Component
class RewardStream {

  private static final int LINES_TOGETHER = 256;

  /** Bytes of content that are committed together; well below what needs a place of its own. */
  private static final int BYTES_TOGETHER = 1 << 20;

  private final Ingest ingest;
  private final Stopping stopping;
  private final Admission admission;
  private final Limits limits;
  private final JsonFactory json;

  RewardStream(Ingest ingest, Stopping stopping, Admission admission, Limits limits) {
    this.ingest = ingest;
    this.stopping = stopping;
    this.admission = admission;
    this.limits = limits;
    this.json = BatchReader.factory(limits);
  }

  /** Reads a body that is one line. */
  StreamAnswer one(String run, int attempt, boolean replace, InputStream body) {
    try (Admission.Share share = admission.forRequest()) {
      Written written = ingest.take(run, attempt, ids -> parse(ids, replace, body, share));
      return new StreamAnswer(
          1,
          written.is(Written.Outcome.ADDED) ? 1 : 0,
          written.is(Written.Outcome.REPLACED) ? 1 : 0,
          written.is(Written.Outcome.UNCHANGED) ? 1 : 0,
          written.revision());
    }
  }

  /**
   * Reads all lines.
   *
   * @throws ProblemException for the first bad line, with its number; those before it are committed
   */
  StreamAnswer read(String run, int attempt, boolean replace, NdjsonLines lines) {
    Target target;
    try {
      target = ingest.target(run, attempt);
    } catch (RuntimeException refusal) {
      // The run refuses whatever the first line holds.
      throw atLine(refusal, 1, 0);
    }
    try (Admission.Share share = admission.forStream();
        Admission.Share other = admission.forStream()) {
      return read(new Tally(target, share, other), replace, lines);
    }
  }

  private StreamAnswer read(Tally tally, boolean replace, NdjsonLines lines) {
    try {
      while (lines.next()) {
        stopping.check();
        BatchWrite write = parse(tally.target.ids(), replace, lines.line(), tally.share);
        if (tally.target.closed()) {
          write.content().requireKnown();
        }
        tally.add(write, lines.number());
        if (tally.isLarge() || lines.wouldWait()) {
          tally.commit();
        }
      }
    } catch (ProblemException problem) {
      if (problem.isOfLine()) {
        throw problem;
      }
      tally.commit();
      tally.settle();
      throw problem.atLine(lines.number(), tally.committed);
    }
    tally.commit();
    tally.settle();
    return tally.answer();
  }

  private static RuntimeException atLine(RuntimeException failure, long number, long committed) {
    if (failure instanceof ProblemException problem) {
      return problem.atLine(number, committed);
    }
    return DatabaseAway.is(failure) ? DatabaseAway.problem().atLine(number, committed) : failure;
  }

  private BatchWrite parse(
      SampleIds ids, boolean replace, InputStream line, Admission.Share share) {
    ParsedBatch parsed =
        new BatchReader(ids, limits, BatchReader.Form.LINE, share).read(json, line);
    if (parsed.epoch() == null) {
      throw new IllegalStateException("A line was let through without an epoch");
    }
    String key =
        parsed.batch() != null
            ? parsed.batch()
            : parsed.step() != null ? "step-" + parsed.step() : RewardLog.WHOLE;
    return new BatchWrite(
        parsed.epoch(), key, parsed.step(), replace || parsed.batch() != null, parsed);
  }

  /**
   * What is waiting to be committed, the one portion that is on its way, and what has been
   * committed. While a portion is on its way the next is parsed; it is handed over only when its
   * predecessor stands, so that nothing after a refused line is committed.
   */
  private final class Tally {

    private Target target;
    private Admission.Share share;
    private List<BatchWrite> waiting = new ArrayList<>();
    private List<Long> numbers = new ArrayList<>();
    private Admission.Share shareOnItsWay;
    private @Nullable CompletableFuture<Committed> onItsWay;
    private List<Long> numbersOnTheirWay = List.of();
    private long committed;
    private long added;
    private long replaced;
    private long revision;

    Tally(Target target, Admission.Share share, Admission.Share other) {
      this.target = target;
      this.revision = target.revision();
      this.share = share;
      this.shareOnItsWay = other;
    }

    void add(BatchWrite write, long number) {
      waiting.add(write);
      numbers.add(number);
    }

    boolean isLarge() {
      return share.isLarge() || share.bytes() >= BYTES_TOGETHER || waiting.size() >= LINES_TOGETHER;
    }

    /** Hands over what is waiting, once the portion before it stands. */
    void commit() {
      if (waiting.isEmpty()) {
        return;
      }
      settle();
      try {
        onItsWay = ingest.commitLater(target, waiting);
      } catch (RuntimeException failure) {
        throw atLine(failure, numbers.getFirst(), committed);
      }
      numbersOnTheirWay = numbers;
      waiting = new ArrayList<>();
      numbers = new ArrayList<>();
      Admission.Share free = shareOnItsWay;
      shareOnItsWay = share;
      share = free;
      if (shareOnItsWay.isLarge()) {
        // The next portion may need the place that this one has.
        settle();
      }
    }

    /** Waits for the portion that is on its way. */
    void settle() {
      CompletableFuture<Committed> answer = onItsWay;
      if (answer == null) {
        return;
      }
      onItsWay = null;
      Committed result;
      try {
        result = RunWriters.await(answer);
      } catch (RuntimeException failure) {
        throw atLine(failure, numbersOnTheirWay.getFirst(), committed);
      } finally {
        shareOnItsWay.release();
      }
      target = target.of(result.incarnation());
      for (Written written : result.written()) {
        added += written.is(Written.Outcome.ADDED) ? 1 : 0;
        replaced += written.is(Written.Outcome.REPLACED) ? 1 : 0;
        revision = written.revision();
      }
      committed += result.written().size();
      if (result.refusal() != null) {
        throw result.refusal().atLine(numbersOnTheirWay.get(result.written().size()), committed);
      }
    }

    StreamAnswer answer() {
      return new StreamAnswer(committed, added, replaced, committed - added - replaced, revision);
    }
  }
}
