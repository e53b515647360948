package dev.lim.dataset;

import dev.lim.web.Api;
import dev.lim.web.Cursor;
import dev.lim.web.Limits;
import dev.lim.web.NdjsonLines;
import dev.lim.web.PageQuery;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import dev.lim.web.Problems;
import dev.lim.web.Query;
import dev.lim.web.RequestBodies;
import dev.lim.web.Slug;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping(path = Api.ROOT + "/datasets", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Datasets")
class DatasetController {

  private final Datasets datasets;
  private final Samples samples;
  private final SampleUpload upload;
  private final RequestBodies bodies;
  private final Limits limits;

  DatasetController(
      Datasets datasets,
      Samples samples,
      SampleUpload upload,
      RequestBodies bodies,
      Limits limits) {
    this.datasets = datasets;
    this.samples = samples;
    this.upload = upload;
    this.bodies = bodies;
    this.limits = limits;
  }

  @Schema(name = "Dataset")
  record Answer(
      @Schema(example = "demo") String dataset,
      @Schema(description = "How many samples it has", example = "2000") int samples,
      Instant createdAt) {

    static Answer of(Dataset dataset) {
      return new Answer(
          dataset.dataset(), dataset.samples(), Objects.requireNonNull(dataset.createdAt()));
    }
  }

  @Schema(name = "DatasetPage")
  record Page(
      List<Answer> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @Schema(name = "SamplePage")
  record SamplePage(
      @Schema(description = "Records as uploaded, in the order they were first seen")
          List<Map<String, Object>> items,
      @Schema(description = "The cursor of the next page; absent on the last")
          @Nullable String next) {}

  @PutMapping("/{dataset}")
  @Operation(
      operationId = "createDataset",
      summary = "Create a dataset",
      description =
          "Idempotent. Not needed before uploading samples or sending rewards: both create what they name.")
  @ApiResponse(responseCode = "201", description = "Created")
  @ApiResponse(responseCode = "200", description = "It was there")
  ResponseEntity<Answer> put(
      @Parameter(example = "my-dataset") @PathVariable String dataset, HttpServletRequest request) {
    Slug.inPath("dataset", dataset);
    Query.of(request).done();
    bodies.object(request, MediaType.APPLICATION_JSON_VALUE).done();
    boolean created = samples.create(dataset);
    return ResponseEntity.status(created ? 201 : 200).body(answer(dataset));
  }

  @GetMapping
  @Operation(
      operationId = "listDatasets",
      summary = "List datasets",
      description = "In the order of their ids.")
  @PageQuery
  Page list(HttpServletRequest request) {
    Query query = Query.of(request);
    int limit = limits.page(query);
    String after = Cursor.of(query, "datasets").orElse("");
    query.done();
    List<Dataset> page =
        datasets.findByDatasetGreaterThanOrderByDataset(after, Limit.of(limit + 1));
    return new Page(
        page.stream().limit(limit).map(Answer::of).toList(),
        page.size() > limit ? Cursor.encode("datasets", page.get(limit - 1).dataset()) : null);
  }

  @GetMapping("/{dataset}")
  @Problems({ProblemType.DATASET_NOT_FOUND})
  @Operation(
      operationId = "getDataset",
      summary = "One dataset, with its number of samples",
      description =
          "Samples are counted from when they were first seen, in an upload or in rewards.")
  Answer get(
      @Parameter(example = "demo") @PathVariable String dataset, HttpServletRequest request) {
    Slug.inPath("dataset", dataset);
    Query.of(request).done();
    return answer(dataset);
  }

  @PutMapping("/{dataset}/samples")
  @Operation(
      operationId = "uploadRecords",
      summary = "Upload the dataset's records",
      description =
          """
          NDJSON: the lines of your training file, each an object with an `id`. Any size; streamed. Adds samples, and \
          adds or replaces their records; creates the dataset. What you upload is what subsets give back, byte for \
          byte. A bad line ends the upload with its problem, `line` and `committedLines`; those before it stay, and \
          sending the file again is safe.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = Api.NDJSON,
              schema = @Schema(type = "string", description = "A JSON object with an `id` a line"),
              examples =
                  @ExampleObject(
                      """
                      {"id": "prompt-0001", "prompt": "What is 1 + 1?", "answer": "2"}
                      {"id": "prompt-0002", "prompt": "What is 2 + 2?", "answer": "4"}
                      """)))
  SampleUpload.Answer upload(
      @Parameter(example = "my-dataset") @PathVariable String dataset, HttpServletRequest request)
      throws IOException {
    Slug.inPath("dataset", dataset);
    try (InputStream body = bodies.ndjson(request)) {
      Query.of(request).done();
      return upload.read(dataset, new NdjsonLines(body, limits.lineBytes()));
    }
  }

  @GetMapping("/{dataset}/samples")
  @Problems({ProblemType.DATASET_NOT_FOUND})
  @Operation(
      operationId = "listRecords",
      summary = "A dataset's records",
      description =
          """
          As uploaded, in the order in which samples were first seen. A sample without a record is {"id": ".."}.\
          """)
  @PageQuery
  @ApiResponse(
      responseCode = "200",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = SamplePage.class)))
  void records(
      @Parameter(example = "demo") @PathVariable String dataset,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Slug.inPath("dataset", dataset);
    Query query = Query.of(request);
    int limit = limits.page(query);
    int from = Cursor.position(query, "samples");
    query.done();
    int size = answer(dataset).samples();
    int to = (int) Math.min(size, (long) from + limit);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    OutputStream out = response.getOutputStream();
    out.write("{\"items\":[".getBytes(StandardCharsets.UTF_8));
    boolean[] first = {true};
    samples.records(
        dataset,
        IntStream.range(from, to).toArray(),
        (_, record) -> {
          try {
            if (!first[0]) {
              out.write(',');
            }
            first[0] = false;
            out.write(record);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    String next = to < size ? ",\"next\":\"" + Cursor.encode("samples", "" + to) + '"' : "";
    out.write(("]" + next + "}").getBytes(StandardCharsets.UTF_8));
  }

  private Answer answer(String dataset) {
    return datasets
        .findById(dataset)
        .map(Answer::of)
        .orElseThrow(() ->
            new ProblemException(
                ProblemType.DATASET_NOT_FOUND,
                "There is no dataset " + dataset + "; GET /api/v1/datasets lists them"));
  }
}
