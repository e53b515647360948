package dev.lim.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lim.scoring.Ranking;
import dev.lim.scoring.RowSet;
import dev.lim.web.Query;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A rule that cuts a subset from a ranking; exactly one of the first three.
 *
 * @param threshold keeps scores of at least this
 * @param top keeps this many
 * @param fraction keeps this share, rounded up, exact on the decimal as written
 * @param solved {@code some} first drops what was never or always solved
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "What cut the subset from the ranking")
public record Selection(
    @Schema(example = "0.6") @Nullable Double threshold,
    @Nullable Integer top,
    @Nullable BigDecimal fraction,
    @Schema(allowableValues = {"any", "some"}) String solved) {

  private static final int FEW = 1 << 15;

  /** Reads a selection from a query; what is wrong is rejected there. */
  public static Selection of(Query query) {
    Optional<BigDecimal> threshold = query.decimal("threshold");
    OptionalInt top = query.count("top", 1);
    Optional<BigDecimal> fraction = query.decimal("fraction");
    long given = Stream.of("threshold", "top", "fraction").filter(query::has).count();
    if (given != 1) {
      String rule = "give exactly one of threshold, top and fraction";
      for (String name : new String[] {"threshold", "top", "fraction"}) {
        if (given == 0 || query.has(name)) {
          query.reject(name, rule);
        }
      }
    }
    if (fraction.isPresent()
        && (fraction.get().signum() <= 0 || fraction.get().compareTo(BigDecimal.ONE) > 0)) {
      query.reject("fraction", "must be above 0 and at most 1");
    }
    String solved = query.text("solved").orElse("any");
    if (!solved.equals("any") && !solved.equals("some")) {
      query.reject("solved", "must be any or some");
    }
    return new Selection(
        threshold.map(BigDecimal::doubleValue).orElse(null),
        top.isPresent() ? top.getAsInt() : null,
        fraction.orElse(null),
        solved);
  }

  /** Positions in the ranking of what is selected, ascending. */
  public int[] select(Scored scored) {
    if (solved.equals("any")) {
      return IntStream.range(0, cut(scored, scored.ranking().size())).toArray();
    }
    int[] left =
        IntStream.range(0, scored.ranking().size())
            .filter(p -> scored.solved(scored.ranking().row(p)) == Scored.Solved.SOMETIMES)
            .toArray();
    int limit = threshold != null ? cut(scored, 0) : Integer.MAX_VALUE;
    int size = threshold != null ? left.length : cut(scored, left.length);
    return IntStream.range(0, size).map(i -> left[i]).takeWhile(p -> p < limit).toArray();
  }

  /** The rows that {@link #select} selects, without sorting more of them than it must. */
  public RowSet rows(Scored scored) {
    int rows = scored.matrix().rows();
    boolean any = solved.equals("any");
    if (threshold != null) {
      return RowSet.where(
          rows,
          row ->
              scored.ranking().ranks(row)
                  && scored.score(row) >= threshold
                  && (any || scored.sometimesSolved(row)));
    }
    Ranking left = any ? scored.ranking() : scored.rankingOfSometimesSolved();
    int size = cut(scored, left.size());
    // Few are sorted sooner than the best of them are found.
    int[] best = left.size() < FEW ? Arrays.copyOf(left.rows(), size) : left.top(size);
    return RowSet.of(rows, best);
  }

  /** The same cut without regard to what was solved. */
  public Selection ofAny() {
    return new Selection(threshold, top, fraction, "any");
  }

  /** How many of {@code size} ranked samples are kept; for a threshold, of the whole ranking. */
  private int cut(Scored scored, int size) {
    if (top != null) {
      return Math.min(top, size);
    }
    if (fraction != null) {
      return fraction
          .multiply(BigDecimal.valueOf(size))
          .setScale(0, RoundingMode.CEILING)
          .intValueExact();
    }
    double least = threshold == null ? Double.NEGATIVE_INFINITY : threshold;
    int low = 0;
    int high = scored.ranking().size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (scored.score(scored.ranking().row(middle)) >= least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
