package dev.lim.dataset;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The samples of datasets: their ordinals and records in the database, and their ids in memory.
 * Thread-safe.
 */
@Component
public class Samples {

  private static final String LOCK = "select samples from dataset where dataset = ? for update";

  private static final String SINCE =
      "select sample_id from sample where dataset = ? and ordinal >= ? order by ordinal";

  private static final String REGISTER =
      """
      insert into sample (dataset, ordinal, sample_id)
      select ?, n.ordinal, n.sample_id from unnest(?::int[], ?::text[]) n (ordinal, sample_id)
      """;

  private static final String COUNT = "update dataset set samples = ? where dataset = ?";

  private static final String RECORDS_KNOWN =
      """
      select s.ordinal, s.record is null as bare,
             s.record is not null and s.record::text = convert_from(n.record, 'UTF8') as same
      from sample s join unnest(?::int[], ?::bytea[]) n (ordinal, record) on s.ordinal = n.ordinal
      where s.dataset = ?
      """;

  private static final String PUT_RECORDS =
      """
      insert into sample (dataset, ordinal, sample_id, record)
      select ?, n.ordinal, n.sample_id, convert_from(n.record, 'UTF8')::json
      from unnest(?::int[], ?::text[], ?::bytea[]) n (ordinal, sample_id, record)
      on conflict (dataset, ordinal) do update set record = excluded.record
      """;

  private static final String REVISE =
      "update dataset set samples = ?, revision = revision + 1 where dataset = ?";

  private static final String RECORDS =
      """
      select s.sample_id, convert_to(s.record::text, 'UTF8') as record
      from unnest(?::int[]) with ordinality n (ordinal, position)
      join sample s on s.dataset = ? and s.ordinal = n.ordinal
      order by n.position
      """;

  private static final int IDS_A_STATEMENT = 1 << 15;
  private static final int RECORDS_A_QUERY = 1 << 10;
  private static final int RECORDS_A_FETCH = 32;

  private final Datasets datasets;
  private final JdbcTemplate jdbc;
  private final JdbcClient client;
  private final TransactionTemplate transaction;
  private final Cache<String, SampleIds> known;

  Samples(
      Datasets datasets, JdbcTemplate jdbc, JdbcClient client, TransactionTemplate transaction) {
    this.datasets = datasets;
    this.jdbc = jdbc;
    this.client = client;
    this.transaction = transaction;
    this.known =
        Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / 8 >> 10)
            .weigher((String _, SampleIds ids) -> 1 + (int) (ids.bytes() >> 10))
            .build();
  }

  /** The records of some samples counted by what they did. */
  record Recorded(int added, int replaced, int unchanged) {}

  /** Creates the dataset unless it is there; whether it was new. */
  public boolean create(String dataset) {
    return datasets.create(dataset) == 1;
  }

  /** Counts the committed changes of the dataset's records. */
  public long revision(String dataset) {
    return datasets.findById(dataset).map(Dataset::revision).orElse(0L);
  }

  /**
   * Ranks made-up ids, so that the compiler has been there before the first run is loaded. Keeps
   * nothing, reads nothing.
   */
  public void warmUp() {
    SampleIds ids = new SampleIds();
    for (int i = 0; i < 1 << 15; i++) {
      ids.append(Integer.toString(i * 0x9e3779b9).getBytes(StandardCharsets.US_ASCII));
    }
    ids.ranks();
  }

  /** The ids known to this instance; another may have registered more. */
  public SampleIds ids(String dataset) {
    SampleIds ids = known.get(dataset, _ -> new SampleIds());
    return ids.size() == 0 ? catchUp(dataset, ids) : ids;
  }

  /**
   * The ids, with at least those of all ordinals below {@code size}, which must have been given.
   */
  public SampleIds ids(String dataset, int size) {
    SampleIds ids = ids(dataset);
    return ids.size() < size ? catchUp(dataset, ids) : ids;
  }

  /**
   * Gives an ordinal to each of these ids that has none, in a transaction of its own, and creates
   * the dataset if need be.
   *
   * @return the ids, these among them
   */
  public SampleIds register(String dataset, Collection<String> unknown) {
    SampleIds ids = catchUp(dataset, ids(dataset));
    if (fresh(ids, unknown).isEmpty()) {
      return ids;
    }
    transaction.executeWithoutResult(_ -> {
      int first = lock(dataset);
      catchUp(dataset, ids);
      List<String> fresh = fresh(ids, unknown);
      for (int from = 0; from < fresh.size(); from += IDS_A_STATEMENT) {
        List<String> some = fresh.subList(from, Math.min(from + IDS_A_STATEMENT, fresh.size()));
        jdbc.update(REGISTER, dataset, ordinals(first + from, some.size()), texts(some));
      }
      if (!fresh.isEmpty()) {
        jdbc.update(COUNT, first + fresh.size(), dataset);
      }
    });
    return catchUp(dataset, ids);
  }

  /**
   * Adds or replaces records, in one transaction.
   *
   * @param records by sample id, each a JSON object in UTF-8
   */
  Recorded put(String dataset, Map<String, byte[]> records) {
    SampleIds ids = ids(dataset);
    Recorded recorded =
        transaction.execute(_ -> {
          int samples = lock(dataset);
          catchUp(dataset, ids);
          return putLocked(dataset, ids, samples, new LinkedHashMap<>(records));
        });
    catchUp(dataset, ids);
    return recorded;
  }

  private Recorded putLocked(
      String dataset, SampleIds ids, int samples, Map<String, byte[]> records) {
    List<Integer> ordinals = new ArrayList<>();
    List<Integer> knownOrdinals = new ArrayList<>();
    List<byte[]> knownRecords = new ArrayList<>();
    int next = samples;
    for (Map.Entry<String, byte[]> entry : records.entrySet()) {
      int ordinal = ids.find(entry.getKey());
      if (ordinal >= 0) {
        knownOrdinals.add(ordinal);
        knownRecords.add(entry.getValue());
      }
      ordinals.add(ordinal >= 0 ? ordinal : next++);
    }
    Set<Integer> same = new HashSet<>();
    int[] replaced = {0};
    jdbc.query(
        RECORDS_KNOWN,
        row -> {
          if (row.getBoolean("same")) {
            same.add(row.getInt("ordinal"));
          } else if (!row.getBoolean("bare")) {
            replaced[0]++;
          }
        },
        knownOrdinals.toArray(Integer[]::new),
        knownRecords.toArray(byte[][]::new),
        dataset);
    List<Integer> changed = new ArrayList<>();
    List<String> changedIds = new ArrayList<>();
    List<byte[]> changedRecords = new ArrayList<>();
    int i = 0;
    for (Map.Entry<String, byte[]> entry : records.entrySet()) {
      int ordinal = ordinals.get(i++);
      if (!same.contains(ordinal)) {
        changed.add(ordinal);
        changedIds.add(entry.getKey());
        changedRecords.add(entry.getValue());
      }
    }
    if (!changed.isEmpty()) {
      jdbc.update(
          PUT_RECORDS,
          dataset,
          changed.toArray(Integer[]::new),
          texts(changedIds),
          changedRecords.toArray(byte[][]::new));
      jdbc.update(REVISE, next, dataset);
    }
    return new Recorded(changed.size() - replaced[0], replaced[0], same.size());
  }

  /**
   * Hands on the record of each of these samples, in this order, as UTF-8 and as it was uploaded;
   * for a sample without one, {@code {"id":".."}}. Streams: few records are in memory at a time.
   */
  public void records(String dataset, int[] ordinals, BiConsumer<String, byte[]> to) {
    for (int from = 0; from < ordinals.length; from += RECORDS_A_QUERY) {
      Integer[] some =
          Arrays.stream(ordinals, from, Math.min(from + RECORDS_A_QUERY, ordinals.length))
              .boxed()
              .toArray(Integer[]::new);
      // Within a transaction, the driver fetches by portions.
      transaction.executeWithoutResult(_ ->
          jdbc.query(
              connection -> {
                PreparedStatement query = connection.prepareStatement(RECORDS);
                query.setFetchSize(RECORDS_A_FETCH);
                query.setArray(1, connection.createArrayOf("int", some));
                query.setString(2, dataset);
                return query;
              },
              row -> {
                String id = row.getString("sample_id");
                byte @Nullable [] record = row.getBytes("record");
                to.accept(id, record == null ? bare(id) : record);
              }));
    }
  }

  private static byte[] bare(String id) {
    StringBuilder json = new StringBuilder("{\"id\":\"");
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append("\"}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private int lock(String dataset) {
    create(dataset);
    return client.sql(LOCK).param(dataset).query(Integer.class).single();
  }

  /** Learns what has been committed since. */
  private SampleIds catchUp(String dataset, SampleIds ids) {
    // The connection first, then the monitor: a thread that waits for the monitor may hold a
    // connection already.
    transaction.executeWithoutResult(_ -> {
      synchronized (ids) {
        int before = ids.size();
        jdbc.query(
            connection -> {
              PreparedStatement query = connection.prepareStatement(SINCE);
              query.setFetchSize(IDS_A_STATEMENT);
              query.setString(1, dataset);
              query.setInt(2, before);
              return query;
            },
            row -> {
              // Text as the driver got it: UTF-8.
              ids.append(row.getBytes(1));
            });
        if (ids.size() > before) {
          // Weighs it anew.
          known.put(dataset, ids);
        }
      }
    });
    return ids;
  }

  private static List<String> fresh(SampleIds ids, Collection<String> unknown) {
    return unknown.stream().filter(id -> ids.find(id) < 0).distinct().toList();
  }

  private static Integer[] ordinals(int first, int count) {
    Integer[] ordinals = new Integer[count];
    Arrays.setAll(ordinals, i -> first + i);
    return ordinals;
  }

  private static String[] texts(List<String> texts) {
    return texts.toArray(String[]::new);
  }
}
