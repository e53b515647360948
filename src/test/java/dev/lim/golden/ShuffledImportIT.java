package dev.lim.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import dev.lim.Http.Answer;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The paper's rewards in any order of samples, split into batches of any size, over several
 * connections at once, some of them again: the same answers, bit for bit.
 */
@IntegrationTest
class ShuffledImportIT {

  private static final int CONNECTIONS = 6;
  private static final JsonMapper MAPPER = new JsonMapper();

  @LocalServerPort int port;

  @Test
  void neitherOrderNorBatchesNorRepetitionsMoveAScore() throws Exception {
    SharedData data = SharedData.required("limr-math8k");
    Random random = new Random(Seed.of(getClass()));
    Http http = new Http(port);
    List<String> lines = data.lines("rewards.ndjson.gz");
    String plain = "plain-" + UUID.randomUUID();
    stream(http, plain, lines);
    String shuffled = "shuffled-" + UUID.randomUUID();
    List<List<String>> shares = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      shares.add(new ArrayList<>());
    }
    for (String batch : shuffledBatches(lines, random)) {
      shares.get(random.nextInt(CONNECTIONS)).add(batch);
      // again, by whoever
      if (random.nextInt(4) == 0) {
        shares.get(random.nextInt(CONNECTIONS)).add(batch);
      }
    }
    long added = 0;
    long unchanged = 0;
    try (ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<JsonNode>> answers = new ArrayList<>();
      for (List<String> share : shares) {
        answers.add(connections.submit(() -> stream(http, shuffled, share)));
      }
      for (Future<JsonNode> answer : answers) {
        added += answer.get().get("added").longValue();
        unchanged += answer.get().get("unchanged").longValue();
        assertThat(answer.get().get("replaced").longValue()).isZero();
      }
    }
    assertThat(added).isGreaterThan(lines.size());
    assertThat(unchanged).isPositive();
    JsonNode one = http.get("/runs/" + plain).json();
    JsonNode other = http.get("/runs/" + shuffled).json();
    assertThat(other.get("rollouts")).isEqualTo(one.get("rollouts"));
    assertThat(other.get("samples")).isEqualTo(one.get("samples"));
    assertThat(other.get("revision").longValue()).isEqualTo(added);
    for (String query :
        List.of(
            "through=21",
            "through=21&reward=accuracy",
            "through=20&missing=observed&minEpochs=3",
            "from=2&through=19&missing=carry&correctAt=-0.5&reward=accuracy",
            "through=5&missing=exclude&rewardMax=2")) {
      assertThat(scores(http, shuffled, query)).isEqualTo(scores(http, plain, query));
    }
  }

  /** Each epoch's samples in another order, cut into batches with keys of their own. */
  private static List<String> shuffledBatches(List<String> lines, Random random) {
    List<List<JsonNode>> epochs = new ArrayList<>();
    for (String line : lines) {
      JsonNode batch = MAPPER.readTree(line);
      while (epochs.size() < batch.get("epoch").intValue()) {
        epochs.add(new ArrayList<>());
      }
      batch.get("rewards").forEach(epochs.get(batch.get("epoch").intValue() - 1)::add);
    }
    List<String> batches = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs.size(); epoch++) {
      List<JsonNode> samples = epochs.get(epoch - 1);
      Collections.shuffle(samples, random);
      for (int from = 0; from < samples.size(); ) {
        int to = Math.min(samples.size(), from + 1 + random.nextInt(random.nextInt(1, 3000)));
        ObjectNode batch = MAPPER.createObjectNode();
        batch.put("epoch", epoch).put("batch", "from-" + from);
        ArrayNode rewards = batch.putArray("rewards");
        samples.subList(from, to).forEach(rewards::add);
        batches.add(batch.toString());
        from = to;
      }
    }
    Collections.shuffle(batches, random);
    return batches;
  }

  private static JsonNode stream(Http http, String run, List<String> lines) throws IOException {
    byte[] body = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    Answer answer =
        http.stream("POST", "/runs/" + run + "/rewards", () -> new ByteArrayInputStream(body));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().get("lines").intValue()).isEqualTo(lines.size());
    return answer.json();
  }

  private static String scores(Http http, String run, String query) {
    return http.pages("/runs/" + run + "/scores?" + query)
        .replace('"' + run + '"', "\"run\"")
        .replaceAll("\"revision\":[0-9]+", "");
  }
}
