package dev.lim.selection;

import dev.lim.dataset.Samples;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnWriteStoreV1;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes subsets as Parquet: the records' own columns, then {@value #RANK} and {@value #SCORE}, in
 * the order of ranks. Thread-safe.
 *
 * <p>Two passes over the records: the first learns the columns, the second writes them. A row group
 * is in memory until it is full, so few subsets are written at one time.
 *
 * <p>The library's own writer would have Hadoop's classes on the class path; the parts that it is
 * made of do not. Compressed by gzip, which the JDK has and every reader knows.
 */
@Component
@EnableConfigurationProperties(ParquetSettings.class)
class ParquetSubsets {

  /** Takes the place of a field of the record that has this name, as an earlier export has. */
  private static final String RANK = "lim_rank";

  private static final String SCORE = "lim_score";

  /** Under this key of the file's metadata lies what the subset's JSON says but the items. */
  private static final String ABOUT = "lim.subset";

  private static final int BYTES_A_GROUP = 16 << 20;
  private static final int ROWS_A_GROUP = 1 << 17;

  /** Values of a row group, their pages before and after compression, records on their way. */
  private static final long BYTES_OF_MEMORY = 4L * BYTES_A_GROUP;

  private static final int RETRY_SECONDS = 30;
  private static final int TRUNCATE_LENGTH = 64;

  private static final ParquetProperties PROPERTIES =
      ParquetProperties.builder().withStatisticsEnabled(false).build();

  private final Samples samples;
  private final JsonMapper json;
  private final Duration longestWait;
  private final Semaphore places;

  ParquetSubsets(Samples samples, JsonMapper json, ParquetSettings settings) {
    this.samples = samples;
    this.json = json;
    this.longestWait = settings.longestWait();
    long fit = Math.max(1, Runtime.getRuntime().maxMemory() / 8 / BYTES_OF_MEMORY);
    this.places = new Semaphore(settings.atOnce() > 0 ? settings.atOnce() : (int) fit, true);
  }

  /**
   * The first pass.
   *
   * @throws ProblemException 406 where the records have too many fields for columns
   */
  RecordColumns columns(Subset subset) {
    RecordColumns columns = new RecordColumns(RANK, SCORE);
    samples.records(subset.dataset(), subset.ordinals(), (_, record) -> columns.learn(record));
    columns.learnNothing();
    return columns;
  }

  /**
   * The second pass.
   *
   * @throws ProblemException 503 where too many are being written
   */
  void write(Subset subset, RecordColumns columns, OutputStream out) throws IOException {
    try {
      if (!places.tryAcquire(longestWait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ProblemException(
                ProblemType.OVERLOADED, "Many Parquet files are being written: ask again later")
            .retryAfter(RETRY_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    try {
      MessageType schema = schema(columns);
      try (ParquetFileWriter file =
          new ParquetFileWriter(
              new Answer(out),
              schema,
              ParquetFileWriter.Mode.CREATE,
              BYTES_A_GROUP,
              0,
              TRUNCATE_LENGTH,
              TRUNCATE_LENGTH,
              true)) {
        file.start();
        writeRows(subset, columns, schema, file);
        file.end(Map.of(ABOUT, json.writeValueAsString(subset.about().get())));
      }
    } finally {
      places.release();
    }
  }

  private void writeRows(
      Subset subset, RecordColumns columns, MessageType schema, ParquetFileWriter file)
      throws IOException {
    @Nullable Object[] values = new Object[columns.count() + 2];
    int[] position = {0};
    Group[] group = {new Group(schema)};
    samples.records(
        subset.dataset(),
        subset.ordinals(),
        (sample, record) -> {
          columns.read(sample, record, values);
          values[columns.count()] = (long) subset.ranks()[position[0]];
          values[columns.count() + 1] = subset.scores()[position[0]];
          position[0]++;
          group[0].add(values);
          if (group[0].isFull()) {
            try {
              group[0].writeTo(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            group[0] = new Group(schema);
          }
        });
    group[0].writeTo(file);
  }

  private static MessageType schema(RecordColumns columns) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (int i = 0; i < columns.count(); i++) {
      switch (columns.kind(i)) {
        case WHOLE -> schema.optional(PrimitiveTypeName.INT64).named(columns.name(i));
        case NUMBER -> schema.optional(PrimitiveTypeName.DOUBLE).named(columns.name(i));
        case FLAG -> schema.optional(PrimitiveTypeName.BOOLEAN).named(columns.name(i));
        case NONE, TEXT, JSON ->
            schema
                .optional(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named(columns.name(i));
      }
    }
    return schema
        .required(PrimitiveTypeName.INT64)
        .named(RANK)
        .required(PrimitiveTypeName.DOUBLE)
        .named(SCORE)
        .named("subset");
  }

  /** A row group that is being filled. */
  private static final class Group {

    private final ColumnChunkPageWriteStore pages;
    private final ColumnWriteStore store;
    private final ColumnWriter[] columns;
    private final int[] present;
    private long bytes;
    private int rows;

    Group(MessageType schema) {
      pages =
          new ColumnChunkPageWriteStore(
              new Gzip(), schema, new HeapByteBufferAllocator(), TRUNCATE_LENGTH, true);
      store = new ColumnWriteStoreV1(schema, pages, PROPERTIES);
      columns =
          schema.getColumns().stream().map(store::getColumnWriter).toArray(ColumnWriter[]::new);
      present = schema.getColumns().stream().mapToInt(c -> c.getMaxDefinitionLevel()).toArray();
    }

    void add(@Nullable Object[] values) {
      for (int i = 0; i < values.length; i++) {
        bytes += Long.BYTES;
        switch (values[i]) {
          case null -> columns[i].writeNull(0, 0);
          case byte[] text -> {
            bytes += text.length;
            columns[i].write(Binary.fromConstantByteArray(text), 0, present[i]);
          }
          case Long number -> columns[i].write((long) number, 0, present[i]);
          case Double number -> columns[i].write((double) number, 0, present[i]);
          case Boolean flag -> columns[i].write((boolean) flag, 0, present[i]);
          default -> throw new IllegalArgumentException(values[i].getClass().getName());
        }
      }
      store.endRecord();
      rows++;
    }

    boolean isFull() {
      return rows >= ROWS_A_GROUP || bytes >= BYTES_A_GROUP;
    }

    void writeTo(ParquetFileWriter file) throws IOException {
      try (pages;
          store) {
        if (rows > 0) {
          store.flush();
          file.startBlock(rows);
          pages.flushToFileWriter(file);
          file.endBlock();
        }
      }
    }
  }

  /** The answer's body, which others close. */
  private record Answer(OutputStream out) implements OutputFile {

    @Override
    public PositionOutputStream create(long blockSize) {
      return new PositionOutputStream() {

        private long position;

        @Override
        public long getPos() {
          return position;
        }

        @Override
        public void write(int b) throws IOException {
          out.write(b);
          position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          out.write(bytes, offset, length);
          position += length;
        }
      };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) {
      return create(blockSize);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  private static final class Gzip implements BytesInputCompressor {

    private static final class Fast extends GZIPOutputStream {

      Fast(OutputStream out) throws IOException {
        super(out);
        def.setLevel(Deflater.BEST_SPEED);
      }
    }

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new Fast(compressed)) {
        bytes.writeAllTo(gzip);
      }
      return BytesInput.from(compressed.toByteArray());
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.GZIP;
    }

    @Override
    public void release() {
      // Each page has a deflater of its own, closed with it.
    }
  }
}
