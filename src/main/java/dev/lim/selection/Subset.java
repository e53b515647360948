package dev.lim.selection;

import dev.lim.dataset.SampleIds;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A subset as {@link SubsetWriter} writes it, live or frozen. Immutable; the arrays go by position,
 * in the order of ranks, and are not to be modified.
 *
 * @param about all that its JSON says but the items; made when it is asked for
 * @param ids of the dataset's samples, by ordinal
 * @param ordinals of its samples
 * @param ranks of each, from 1, in the whole ranking
 * @param scores of each
 * @param inclusions of each, the share of replicates that select it; null where nobody asked
 */
record Subset(
    Supplier<ObjectNode> about,
    String dataset,
    SampleIds ids,
    int[] ordinals,
    int[] ranks,
    double[] scores,
    double @Nullable [] inclusions) {

  Subset(
      Supplier<ObjectNode> about,
      String dataset,
      SampleIds ids,
      int[] ordinals,
      int[] ranks,
      double[] scores) {
    this(about, dataset, ids, ordinals, ranks, scores, null);
  }

  /** The same, with how sure each sample is. */
  Subset with(Replicates replicates, Scored scored) {
    double[] shares = new double[ordinals.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = replicates.inclusion(scored.ranking().row(ranks[i] - 1));
    }
    return new Subset(about, dataset, ids, ordinals, ranks, scores, shares);
  }

  /** What is selected from a ranking as it stands. */
  static Subset live(Scored scored, Selection selection, JsonMapper json) {
    int[] positions = selection.select(scored);
    int[] ordinals = new int[positions.length];
    int[] ranks = new int[positions.length];
    double[] scores = new double[positions.length];
    for (int i = 0; i < positions.length; i++) {
      int row = scored.ranking().row(positions[i]);
      ordinals[i] = scored.matrix().ordinal(row);
      ranks[i] = positions[i] + 1;
      scores[i] = scored.score(row);
    }
    return new Subset(
        () -> about(scored, selection, positions, json),
        scored.state().dataset(),
        scored.ids(),
        ordinals,
        ranks,
        scores);
  }

  private static ObjectNode about(
      Scored scored, Selection selection, int[] positions, JsonMapper json) {
    ObjectNode about = json.valueToTree(scored.head());
    about.set("selection", json.valueToTree(selection));
    about.put("size", positions.length);
    int[] any = selection.solved().equals("any") ? positions : selection.ofAny().select(scored);
    about.put("neverSolved", count(scored, any, Scored.Solved.NEVER));
    about.put("alwaysSolved", count(scored, any, Scored.Solved.ALWAYS));
    about.put("sha256", sha256(scored, positions));
    return about;
  }

  int size() {
    return ordinals.length;
  }

  String sample(int position) {
    return ids.id(ordinals[position]);
  }

  private static long count(Scored scored, int[] positions, Scored.Solved kind) {
    return Arrays.stream(positions)
        .filter(position -> scored.solved(scored.ranking().row(position)) == kind)
        .count();
  }

  /** Over the ids in byte order, each followed by a line feed. */
  private static String sha256(Scored scored, int[] positions) {
    boolean[] chosen = new boolean[scored.ranking().size()];
    for (int position : positions) {
      chosen[position] = true;
    }
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (int position : scored.bySample()) {
      if (chosen[position]) {
        digest.update(scored.sampleUtf8(scored.ranking().row(position)));
        digest.update((byte) '\n');
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
