package dev.lim.dataset;

import it.unimi.dsi.fastutil.ints.IntArrays;
import it.unimi.dsi.fastutil.longs.LongArrays;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The ids of a dataset's samples, by ordinal and back; only ever grows.
 *
 * <p>Ids lie as UTF-8 in pages of {@value #PAGE}; an open-addressed table with linear probing, at
 * most half full, leads from an id's hash to its ordinal. About 16 bytes an id beside its text. Any
 * number of threads may read while one appends: an entry of the table is released after the bytes
 * that it leads to, so a reader finds an id whole or not at all.
 */
public final class SampleIds {

  private static final int PAGE = 1 << 12;

  /** So few ids are sorted by comparing them. */
  private static final int FEW = 64;

  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);

  private static final class Page {
    private byte[] bytes = new byte[PAGE * 8];
    private final int[] ends = new int[PAGE];

    int start(int slot) {
      return slot == 0 ? 0 : ends[slot - 1];
    }
  }

  /**
   * Ordinals in the byte order of their ids, and the position of each: for the first {@code
   * sorted.length}.
   */
  private record Order(int[] sorted, int[] rank) {}

  private volatile Page[] pages = {};
  private volatile int[] table = new int[1 << 10];
  private volatile int size;
  private volatile Order order = new Order(new int[0], new int[0]);

  SampleIds() {}

  /** How many ids there are; every ordinal below has one. */
  public int size() {
    return size;
  }

  /** The ordinal of the id with this UTF-8, or -1. */
  public int find(byte[] utf8, int length) {
    int[] entries = table;
    int mask = entries.length - 1;
    for (int i = spread(hash(utf8, 0, length)) & mask; ; i = i + 1 & mask) {
      int entry = (int) ENTRY.getAcquire(entries, i);
      if (entry == 0) {
        return -1;
      }
      if (holds(entry - 1, utf8, length)) {
        return entry - 1;
      }
    }
  }

  /** The ordinal of an id, or -1, as for a text that is no Unicode. */
  public int find(String id) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
      return -1;
    }
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    return find(utf8, utf8.length);
  }

  public String id(int ordinal) {
    Page page = pages[ordinal / PAGE];
    int start = page.start(ordinal % PAGE);
    return new String(page.bytes, start, page.ends[ordinal % PAGE] - start, StandardCharsets.UTF_8);
  }

  /** The id's UTF-8. */
  public byte[] utf8(int ordinal) {
    Page page = pages[ordinal / PAGE];
    return Arrays.copyOfRange(page.bytes, page.start(ordinal % PAGE), page.ends[ordinal % PAGE]);
  }

  /** A hash of the id's UTF-8: FNV-1a of 64 bits. To be mixed before its bits are used. */
  public long hash64(int ordinal) {
    Page page = pages[ordinal / PAGE];
    int end = page.ends[ordinal % PAGE];
    long hash = 0xcbf29ce484222325L;
    for (int i = page.start(ordinal % PAGE); i < end; i++) {
      hash = (hash ^ page.bytes[i] & 0xff) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * By ordinal, the position of its id in the byte order of all ids known. Do not modify. Later
   * calls may give other positions, never another order.
   */
  public int[] ranks() {
    Order known = order;
    int count = size;
    if (known.sorted.length < count) {
      known = extend(known, count);
      order = known;
    }
    return known.rank;
  }

  /** How many bytes this occupies, about. */
  long bytes() {
    long text = 0;
    for (Page page : pages) {
      text += page.bytes.length;
    }
    return text + 4L * size + 4L * table.length + 8L * order.sorted.length;
  }

  /** Gives the next ordinal to the id with this UTF-8. It must not be there yet. */
  synchronized void append(byte[] utf8) {
    int ordinal = size;
    Page page = page(ordinal);
    int start = page.start(ordinal % PAGE);
    int end = start + utf8.length;
    if (end > page.bytes.length) {
      page.bytes = Arrays.copyOf(page.bytes, Math.max(end, page.bytes.length * 2));
    }
    System.arraycopy(utf8, 0, page.bytes, start, utf8.length);
    page.ends[ordinal % PAGE] = end;
    if (2 * (ordinal + 1) > table.length) {
      grow();
    }
    insert(table, hash(utf8, 0, utf8.length), ordinal);
    size = ordinal + 1;
  }

  private Page page(int ordinal) {
    if (ordinal / PAGE == pages.length) {
      Page[] more = Arrays.copyOf(pages, pages.length + 1);
      more[pages.length] = new Page();
      pages = more;
    }
    return pages[ordinal / PAGE];
  }

  private void grow() {
    int[] larger = new int[table.length * 2];
    for (int ordinal = 0; ordinal < size; ordinal++) {
      Page page = pages[ordinal / PAGE];
      int slot = ordinal % PAGE;
      insert(larger, hash(page.bytes, page.start(slot), page.ends[slot]), ordinal);
    }
    table = larger;
  }

  private static void insert(int[] entries, int hash, int ordinal) {
    int mask = entries.length - 1;
    int i = spread(hash) & mask;
    while (entries[i] != 0) {
      i = i + 1 & mask;
    }
    ENTRY.setRelease(entries, i, ordinal + 1);
  }

  private boolean holds(int ordinal, byte[] utf8, int length) {
    Page page = pages[ordinal / PAGE];
    int start = page.start(ordinal % PAGE);
    return Arrays.equals(page.bytes, start, page.ends[ordinal % PAGE], utf8, 0, length);
  }

  private Order extend(Order known, int count) {
    int[] fresh = new int[count - known.sorted.length];
    Arrays.setAll(fresh, i -> known.sorted.length + i);
    if (fresh.length < FEW) {
      IntArrays.quickSort(fresh, this::compare);
    } else {
      sort(fresh, new long[count], 0, fresh.length);
    }
    int[] sorted = new int[count];
    int[] rank = new int[count];
    for (int i = 0, a = 0, b = 0; i < count; i++) {
      boolean fromFresh =
          a == known.sorted.length || b < fresh.length && compare(fresh[b], known.sorted[a]) < 0;
      sorted[i] = fromFresh ? fresh[b++] : known.sorted[a++];
      rank[sorted[i]] = i;
    }
    return new Order(sorted, rank);
  }

  /**
   * Sorts by the eight bytes that follow what all ids have in common, then those that are still
   * alike in the same way.
   *
   * @param keys by ordinal, room for these bytes
   */
  private void sort(int[] ordinals, long[] keys, int from, int to) {
    int shared = shared(ordinals, from, to);
    for (int i = from; i < to; i++) {
      keys[ordinals[i]] = key(ordinals[i], shared);
    }
    LongArrays.radixSortIndirect(ordinals, keys, from, to, false);
    for (int i = from, end; i < to; i = end) {
      end = i + 1;
      while (end < to && keys[ordinals[end]] == keys[ordinals[i]]) {
        end++;
      }
      if (end - i >= FEW && end - i < to - from) {
        sort(ordinals, keys, i, end);
      } else if (end - i > 1) {
        IntArrays.quickSort(ordinals, i, end, this::compare);
      }
    }
  }

  /** How many bytes all of these ids begin with alike. */
  private int shared(int[] ordinals, int from, int to) {
    Page first = pages[ordinals[from] / PAGE];
    int start = first.start(ordinals[from] % PAGE);
    int shared = first.ends[ordinals[from] % PAGE] - start;
    for (int i = from + 1; i < to && shared > 0; i++) {
      Page page = pages[ordinals[i] / PAGE];
      int begin = page.start(ordinals[i] % PAGE);
      int length = Math.min(shared, page.ends[ordinals[i] % PAGE] - begin);
      int differ =
          Arrays.mismatch(first.bytes, start, start + shared, page.bytes, begin, begin + length);
      shared = differ < 0 ? shared : differ;
    }
    return shared;
  }

  /** Eight bytes of an id, such that signed numbers are ordered as they are; 0 beyond its end. */
  private long key(int ordinal, int from) {
    Page page = pages[ordinal / PAGE];
    int begin = page.start(ordinal % PAGE) + from;
    int end = page.ends[ordinal % PAGE];
    long key = 0;
    for (int i = begin; i < begin + Long.BYTES; i++) {
      key = key << Byte.SIZE | (i < end ? page.bytes[i] & 0xff : 0);
    }
    return key ^ Long.MIN_VALUE;
  }

  private int compare(int one, int other) {
    Page a = pages[one / PAGE];
    Page b = pages[other / PAGE];
    return Arrays.compareUnsigned(
        a.bytes,
        a.start(one % PAGE),
        a.ends[one % PAGE],
        b.bytes,
        b.start(other % PAGE),
        b.ends[other % PAGE]);
  }

  private static int hash(byte[] bytes, int from, int to) {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  /** Ids are often numbered: consecutive hashes must not fill one stretch of the table. */
  private static int spread(int hash) {
    int mixed = hash * 0x9e3779b9;
    return mixed ^ mixed >>> 15;
  }
}
