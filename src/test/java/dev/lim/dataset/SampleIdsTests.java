package dev.lim.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SampleIdsTests {

  private static final int MANY = 100_000;

  private List<String> many = List.of();

  @BeforeEach
  void chooseIds() {
    Random random = new Random(Seed.of(getClass()));
    LinkedHashSet<String> chosen = new LinkedHashSet<>();
    while (chosen.size() < MANY) {
      chosen.add(id(random));
    }
    many = List.copyOf(chosen);
  }

  /**
   * Numbers, some in one long family, near duplicates, and text of 1 to 4 bytes a code point, up to
   * the longest.
   */
  private static String id(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> Integer.toString(random.nextInt());
      case 1 ->
          (random.nextBoolean() ? "set/train/prompt-" : "prompt-") + random.nextInt(1_000_000);
      case 2 -> "a".repeat(1 + random.nextInt(SampleId.LONGEST));
      default -> {
        int[] points =
            random
                .ints(1 + random.nextInt(6), 1, Character.MAX_CODE_POINT + 1)
                .map(c -> c >= 0xd800 && c <= 0xdfff ? 0x1f600 + c % 64 : c)
                .toArray();
        yield new String(points, 0, points.length);
      }
    };
  }

  private static void append(SampleIds ids, String id) {
    ids.append(id.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void leadsFromEveryIdToItsOrdinalAndBack() {
    SampleIds ids = new SampleIds();
    many.forEach(id -> append(ids, id));
    assertThat(ids.size()).isEqualTo(MANY);
    for (int ordinal = 0; ordinal < MANY; ordinal++) {
      String id = many.get(ordinal);
      assertThat(ids.find(id)).isEqualTo(ordinal);
      assertThat(ids.id(ordinal)).isEqualTo(id);
      assertThat(ids.utf8(ordinal)).isEqualTo(id.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void findsNothingThatIsNotThere() {
    SampleIds ids = new SampleIds();
    assertThat(ids.find("a")).isEqualTo(-1);
    many.subList(0, MANY / 2).forEach(id -> append(ids, id));
    for (String absent : many.subList(MANY / 2, MANY)) {
      assertThat(ids.find(absent)).isEqualTo(-1);
    }
  }

  @Test
  void ranksAreTheByteOrderOfTheIdsAsTheyGrow() {
    SampleIds ids = new SampleIds();
    for (int size : new int[] {0, 1, 2, 1000, 4096, 4097, MANY / 2, MANY}) {
      many.subList(ids.size(), size).forEach(id -> append(ids, id));
      Integer[] sorted = IntStream.range(0, size).boxed().toArray(Integer[]::new);
      Arrays.sort(
          sorted,
          (a, b) ->
              Arrays.compareUnsigned(
                  many.get(a).getBytes(StandardCharsets.UTF_8),
                  many.get(b).getBytes(StandardCharsets.UTF_8)));
      int[] ranks = ids.ranks();
      for (int i = 0; i < size; i++) {
        assertThat(ranks[sorted[i]]).isEqualTo(i);
      }
    }
  }

  @Test
  void readersFindWhatWasThereBeforeAndNeverHalfAnId() throws Exception {
    SampleIds ids = new SampleIds();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < 3; reader++) {
        Random random = new Random(reader);
        readers.add(
            threads.submit(() -> {
              int found = 0;
              for (int size = ids.size(); size < MANY; size = ids.size()) {
                if (size > 0) {
                  int ordinal = random.nextInt(size);
                  assertThat(ids.find(many.get(ordinal))).isEqualTo(ordinal);
                  assertThat(ids.id(ordinal)).isEqualTo(many.get(ordinal));
                  found++;
                }
                // near the one that is being appended: absent, or right
                int next = Math.min(MANY - 1, size + random.nextInt(3));
                assertThat(ids.find(many.get(next))).isIn(-1, next);
                if (random.nextInt(5000) == 0) {
                  assertThat(ids.ranks().length).isGreaterThanOrEqualTo(size);
                }
              }
              return found;
            }));
      }
      many.forEach(id -> append(ids, id));
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  @Test
  void encodesAsUtf8DoesAndRefusesWhatBreaksTheRule() {
    byte[] to = new byte[3 * 2 * SampleId.LONGEST];
    for (String id : many.subList(0, 20_000)) {
      char[] chars = ("xx" + id).toCharArray();
      int bytes = SampleId.encode(chars, 2, id.length(), to);
      assertThat(Arrays.copyOf(to, bytes)).isEqualTo(id.getBytes(StandardCharsets.UTF_8));
      assertThat(SampleId.breach(id)).isEmpty();
    }
    for (String bad :
        new String[] {
          "",
          "\0",
          "a\0b",
          "\ud83d",
          "a\ud83d",
          "\ude00",
          "\ude00\ud83d",
          "\ud83da",
          "a".repeat(513),
          "😀".repeat(513)
        }) {
      assertThat(SampleId.encode(bad.toCharArray(), 0, bad.length(), to)).isEqualTo(-1);
      assertThat(SampleId.breach(bad)).isPresent();
    }
    for (String longest : new String[] {"a".repeat(512), "\uffee".repeat(512), "😀".repeat(512)}) {
      assertThat(SampleId.encode(longest.toCharArray(), 0, longest.length(), to))
          .isEqualTo(longest.getBytes(StandardCharsets.UTF_8).length);
      assertThat(SampleId.breach(longest)).isEmpty();
    }
  }
}
