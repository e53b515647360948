package dev.lim.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RowSetTests {

  @Test
  void twoEmptySetsAreTheSame() {
    RowSet none = RowSet.of(0, new int[0]);
    assertThat(none.jaccard(RowSet.of(100, new int[0]))).isEqualTo(1);
    assertThat(none.jaccard(RowSet.of(100, new int[] {3}))).isZero();
  }

  @Test
  void agreesWithSetsOfJava() {
    long seed = Seed.of(getClass());
    Random random = new Random(seed);
    for (int trial = 0; trial < 200; trial++) {
      Set<Integer> one = rows(random, 1 + random.nextInt(200));
      Set<Integer> other = rows(random, 1 + random.nextInt(200));
      RowSet a = RowSet.of(200, one.stream().mapToInt(i -> i).toArray());
      RowSet b = RowSet.where(1 + new TreeSet<>(other).last(), other::contains);
      Set<Integer> common = new HashSet<>(one);
      common.retainAll(other);
      int[] counts = new int[200];
      a.count(counts);
      b.count(counts);
      for (int row = 0; row < 200; row++) {
        assertThat(a.contains(row)).as("seed " + seed).isEqualTo(one.contains(row));
        assertThat(b.contains(row)).as("seed " + seed).isEqualTo(other.contains(row));
        assertThat(counts[row])
            .isEqualTo((one.contains(row) ? 1 : 0) + (other.contains(row) ? 1 : 0));
      }
      assertThat(a.size()).isEqualTo(one.size());
      assertThat(a.common(b)).as("seed " + seed).isEqualTo(common.size());
      assertThat(a.jaccard(b))
          .isEqualTo((double) common.size() / (one.size() + other.size() - common.size()))
          .isEqualTo(b.jaccard(a));
    }
  }

  private static Set<Integer> rows(Random random, int count) {
    Set<Integer> rows = new HashSet<>();
    for (int i = 0; i < count; i++) {
      rows.add(random.nextInt(200));
    }
    return rows;
  }
}
