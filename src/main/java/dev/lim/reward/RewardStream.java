package dev.lim.reward;

import dev.lim.reward.Ingest.Committed;
import dev.lim.reward.Ingest.Target;
import dev.lim.reward.RewardController.StreamAnswer;
import dev.lim.web.Admission;
import dev.lim.web.Limits;
import dev.lim.web.NdjsonLines;
import dev.lim.web.ProblemException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
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
  private final Admission admission;
  private final Limits limits;
  private final JsonFactory json;

  RewardStream(Ingest ingest, Admission admission, Limits limits) {
    this.ingest = ingest;
    this.admission = admission;
    this.limits = limits;
    this.json = BatchReader.factory(limits);
  }

  /** Reads a body that is one line. */
  StreamAnswer one(Target target, boolean replace, InputStream body) {
    try (Admission.Share share = admission.forRequest()) {
      Tally tally = new Tally(target, share);
      tally.add(parse(target, replace, body, share), 1);
      tally.commit();
      return tally.answer();
    }
  }

  /**
   * Reads all lines.
   *
   * @throws ProblemException for the first bad line, with its number; those before it are committed
   */
  StreamAnswer read(Target target, boolean replace, NdjsonLines lines) {
    try (Admission.Share share = admission.forStream()) {
      return read(new Tally(target, share), replace, lines);
    }
  }

  private StreamAnswer read(Tally tally, boolean replace, NdjsonLines lines) {
    try {
      while (lines.next()) {
        tally.add(parse(tally.target, replace, lines.line(), tally.share), lines.number());
        if (tally.isLarge() || lines.wouldWait()) {
          tally.commit();
        }
      }
    } catch (ProblemException problem) {
      if (problem.isOfLine()) {
        throw problem;
      }
      tally.commit();
      throw problem.atLine(lines.number(), tally.committed);
    }
    tally.commit();
    return tally.answer();
  }

  private BatchWrite parse(
      Target target, boolean replace, InputStream line, Admission.Share share) {
    ParsedBatch parsed =
        new BatchReader(target.ids(), limits, BatchReader.Form.LINE, share).read(json, line);
    if (target.closed()) {
      parsed.requireKnown();
    }
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

  /** What is waiting to be committed, and what has been. */
  private final class Tally {

    private final Target target;
    private final Admission.Share share;
    private final List<BatchWrite> waiting = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private long committed;
    private long added;
    private long replaced;
    private long revision;

    Tally(Target target, Admission.Share share) {
      this.target = target;
      this.share = share;
    }

    void add(BatchWrite write, long number) {
      waiting.add(write);
      numbers.add(number);
    }

    boolean isLarge() {
      return share.isLarge() || share.bytes() >= BYTES_TOGETHER || waiting.size() >= LINES_TOGETHER;
    }

    void commit() {
      if (waiting.isEmpty()) {
        return;
      }
      Committed result;
      try {
        result = ingest.commit(target, waiting);
      } catch (ProblemException problem) {
        throw problem.atLine(numbers.getFirst(), committed);
      }
      for (Written written : result.written()) {
        added += written.is(Written.Outcome.ADDED) ? 1 : 0;
        replaced += written.is(Written.Outcome.REPLACED) ? 1 : 0;
        revision = written.revision();
      }
      committed += result.written().size();
      if (result.refusal() != null) {
        throw result.refusal().atLine(numbers.get(result.written().size()), committed);
      }
      waiting.clear();
      numbers.clear();
      share.release();
    }

    StreamAnswer answer() {
      return new StreamAnswer(committed, added, replaced, committed - added - replaced, revision);
    }
  }
}
