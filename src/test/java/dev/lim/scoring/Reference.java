package dev.lim.scoring;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LIM once more, in plain double loops written from DESIGN, section 3, to hold the engine against.
 * It knows nothing of blocks, lanes or kernels.
 */
final class Reference {

  final double[] averages;
  final double[] scores;
  final int scored;
  final boolean undefined;

  private final List<float[]> columns;
  private final int rows;
  private final MissingRule rule;
  private final int minEpochs;

  Reference(List<float[]> columns, int rows, double highest, MissingRule rule, int minEpochs) {
    this.columns = columns;
    this.rows = rows;
    this.rule = rule;
    this.minEpochs = minEpochs;
    this.averages = new double[columns.size()];
    this.scores = new double[rows];
    List<Integer> eligible = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      if (eligible(i)) {
        eligible.add(i);
      }
    }
    double total = 0;
    for (int k = 0; k < columns.size(); k++) {
      double sum = 0;
      int n = 0;
      for (int i : eligible) {
        Float reward = reward(k, i);
        if (reward != null) {
          sum += reward;
          n++;
        }
      }
      averages[k] = n == 0 ? Double.NaN : sum / n;
      total += n == 0 ? 0 : Math.pow(highest - averages[k], 2);
    }
    this.undefined = !eligible.isEmpty() && total == 0;
    int count = 0;
    for (int i = 0; i < rows; i++) {
      scores[i] = Double.NaN;
      if (eligible(i) && !undefined) {
        scores[i] = score(i, highest);
        count += Double.isNaN(scores[i]) ? 0 : 1;
      }
    }
    this.scored = count;
  }

  private double score(int i, double highest) {
    double numerator = 0;
    double denominator = 0;
    for (int k = 0; k < columns.size(); k++) {
      Float reward = reward(k, i);
      if (reward != null) {
        numerator += Math.pow(reward - averages[k], 2);
        denominator += Math.pow(highest - averages[k], 2);
      }
    }
    return denominator == 0 ? Double.NaN : 1 - numerator / denominator;
  }

  boolean eligible(int i) {
    int present = 0;
    for (int k = 0; k < columns.size(); k++) {
      present += reward(k, i) == null ? 0 : 1;
    }
    return rule == MissingRule.OBSERVED
        ? present >= Math.max(1, minEpochs)
        : present > 0 && present == columns.size();
  }

  @Nullable Float reward(int k, int i) {
    if (observed(k, i) != null) {
      return observed(k, i);
    }
    switch (rule) {
      case BACKFILL:
        return k + 1 < columns.size() ? observed(k + 1, i) : null;
      case CARRY:
        for (int earlier = k - 1; earlier >= 0; earlier--) {
          if (observed(earlier, i) != null) {
            return observed(earlier, i);
          }
        }
        return null;
      default:
        return null;
    }
  }

  private @Nullable Float observed(int k, int i) {
    float[] column = columns.get(k);
    return i < column.length && !Float.isNaN(column[i]) ? column[i] : null;
  }
}
