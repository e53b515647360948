package dev.lim.insight;

import dev.lim.selection.Scored;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;

/** A histogram of scores. */
record Distribution(
    @Schema(description = "Scores below the first bin", example = "0") int below,
    @Schema(description = "Scores above the last bin", example = "0") int above,
    List<Bin> bins) {

  @Schema(name = "Bin")
  record Bin(
      @Schema(example = "0.6") double from,
      @Schema(example = "0.65") double to,
      @Schema(example = "120") int count) {}

  /** Bins of the same width; each holds its lower edge, the last one its upper edge too. */
  static Distribution of(Scored scored, int bins, double low, double high) {
    double[] edges = new double[bins + 1];
    for (int i = 0; i < bins; i++) {
      edges[i] = low + (high - low) * i / bins;
    }
    edges[bins] = high;
    int[] counts = new int[bins];
    int below = 0;
    int above = 0;
    for (int position = 0; position < scored.ranking().size(); position++) {
      double score = scored.score(scored.ranking().row(position));
      if (score < low) {
        below++;
      } else if (score > high) {
        above++;
      } else {
        counts[bin(edges, score)]++;
      }
    }
    List<Bin> items = new ArrayList<>();
    for (int i = 0; i < bins; i++) {
      items.add(new Bin(edges[i], edges[i + 1], counts[i]));
    }
    return new Distribution(below, above, items);
  }

  private static int bin(double[] edges, double score) {
    int low = 0;
    int high = edges.length - 2;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (edges[middle] <= score) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
