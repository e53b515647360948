package dev.lim.web;

import io.swagger.v3.oas.models.ExternalDocumentation;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * What the OpenAPI document says of the service as a whole. The document is the same wherever and
 * however often it is made: it names no host, and everything in it has an order.
 */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {

  /** The release, as in the build file. */
  static final String VERSION = "0.1.0";

  private static final String INTRODUCTION =
      """
      Which prompts does a model learn from? *Learning Impact Measurement* (LIM) ranks every prompt of a reinforcement \
      learning run by how closely the prompt's own reward curve follows the model's average curve. The paper kept \
      1,389 of 8,523 prompts that way and lost nothing. LIM Server does it while training goes on, for many runs at \
      once.

      1. **Send** the rewards of each epoch as they come: `POST /runs/{run}/epochs/{epoch}/rewards`, or in parts with \
      `PUT .../batches/{batch}`, or a whole run as one file with `POST /runs/{run}/rewards`. The run need not exist. \
      An answer means that the rewards are stored; sending the same again changes nothing.
      2. **Look** at the ranking at any moment: `GET /runs/{run}/scores`, and at what is behind it: `curve`, \
      `distribution`, `trajectories`.
      3. **Select** the next training set: `GET /runs/{run}/subset?threshold=0.6`; with `format=records-ndjson` it \
      gives back the very lines that you uploaded as `PUT /datasets/{dataset}/samples`.

      On this page every call has an example that works: press **Execute**. Calls that read use the run `demo`, which \
      the demo makes; calls that write use `my-run`, so press *Create a run* first.

      ### Words

      A *rollout reward* is the reward of one sampled answer. A *sample* is one prompt; its reward in an *epoch* is \
      pooled over all its rollouts there. An *attempt* is one life of a training job: a resume begins the next and \
      fences off the old. A *revision* counts a run's committed changes.

      ### Polling

      Every GET of a run carries a weak `ETag`. Send it back as `If-None-Match`: while nothing has changed the answer \
      is 304, and nothing is computed.

      ### Problems

      What cannot be done is answered with an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem \
      (`application/problem+json`): a stable `type`, a `detail` that says what to do, and `errors` that point at what \
      is wrong. A request that is refused changes nothing. Each call lists its own. Beside them, any address may answer 404 \
      `not-found`, 405 `method-not-allowed`, 421 `host-not-allowed` (only names of this machine are answered, and \
      those in `lim.security.allowed-hosts`) and 500 `internal-error`.
      """;

  /** In the order in which they are shown. */
  private static final List<Tag> TAGS =
      List.of(
          tag(
              "Rewards",
              "What a training job sends. An answer means that it is stored; the same again changes nothing."),
          tag("Runs", "The reinforcement learning runs being measured: how their rewards are read"),
          tag("Datasets", "The prompts that runs are trained on, with their records"),
          tag("Scores", "What the rewards say about the prompts"),
          tag("Subsets", "The next training set"),
          tag("Draws", "The next training batch"),
          tag("Insight", "How a run is going: curves, histogram, single prompts"),
          tag("Service", "What the service can do, and how much of it"));

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        .info(
            new Info()
                .title("LIM Server")
                .version(VERSION)
                .description(INTRODUCTION)
                .license(new License().name("Apache License 2.0").identifier("Apache-2.0")))
        .externalDocs(
            new ExternalDocumentation()
                .description("LIMR: Less is More for RL Scaling (arXiv 2502.11886)")
                .url("https://arxiv.org/abs/2502.11886"))
        .servers(List.of(new Server().url("/").description("This service")));
  }

  private static Tag tag(String name, String description) {
    return new Tag().name(name).description(description);
  }

  /** Puts tags, paths and schemas in order. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  GlobalOpenApiCustomizer openApiOrder() {
    return document -> {
      document.setTags(TAGS);
      List<Map.Entry<String, PathItem>> paths = new ArrayList<>(document.getPaths().entrySet());
      paths.sort(
          Comparator.comparingInt((Map.Entry<String, PathItem> path) -> place(path.getValue()))
              .thenComparingInt(path -> path.getKey().length())
              .thenComparing(Map.Entry::getKey));
      Paths ordered = new Paths();
      paths.forEach(path -> ordered.addPathItem(path.getKey(), path.getValue()));
      document.setPaths(ordered);
      @SuppressWarnings("rawtypes")
      Map<String, Schema> schemas = new TreeMap<>(document.getComponents().getSchemas());
      document.getComponents().setSchemas(schemas);
    };
  }

  private static int place(PathItem path) {
    String tag = path.readOperations().getFirst().getTags().getFirst();
    for (int i = 0; i < TAGS.size(); i++) {
      if (TAGS.get(i).getName().equals(tag)) {
        return i;
      }
    }
    throw new IllegalStateException("No such tag: " + tag);
  }
}
