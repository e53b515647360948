package dev.lim.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.Http;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

/**
 * Every statement that the service sends, over any of its connections, while every call of the
 * document is made and writes take every turn that they can, names the one run or the one dataset
 * that it is about: so the tables can be spread by their keys, and a request never asks all of
 * them. The two lists are the exceptions, and a look at start for the runs that were written to
 * last.
 */
@Import(RecordedStatements.class)
class StatementLawIT extends SwaggerExamplesIT {

  /** Pages of runs and of datasets, in the order of their keys; and runs, the latest first. */
  private static final List<Pattern> LISTS =
      List.of(
          Pattern.compile("from run r where r\\.deleted_at is null and r\\.run > \\?"),
          Pattern.compile("from run r where .* order by r\\.last_write_at desc limit \\?"),
          Pattern.compile(
              "from dataset (\\w+) where \\1\\.dataset ?> ?\\? order by \\1\\.dataset"));

  /** On connections beside the pool. */
  private static final List<String> BESIDE_THE_POOL =
      List.of(
          "select run, incarnation, revision, deleted_at is not null from run where run = ?",
          "listen lim_run",
          "select pg_notify('lim_run', written) from unnest(?::text[]) written");

  @Autowired RecordedStatements recorded;

  @Override
  @Test
  void everyExampleIsAnsweredAsDocumented() throws Exception {
    super.everyExampleIsAnsweredAsDocumented();
    takeEveryTurn(new Http(port));
    Set<String> statements = recorded.statements();
    assertThat(
            statements.stream()
                .filter(sql -> !isDefinition(sql))
                .flatMap(sql -> StatementLaw.tables(sql).stream())
                .collect(Collectors.toSet()))
        .contains("dataset", "sample", "run", "run_epoch", "run_attempt", "reward_batch", "subset");
    assertThat(
            statements.stream()
                .filter(sql -> !isDefinition(sql))
                .filter(sql -> LISTS.stream().noneMatch(list -> list.matcher(sql).find()))
                .flatMap(sql -> StatementLaw.breaches(sql).stream()))
        .isEmpty();
    assertThat(statements).containsAll(BESIDE_THE_POOL).doesNotContain("{0}");
    for (Pattern list : LISTS) {
      assertThat(statements).anyMatch(sql -> list.matcher(sql).find());
    }
  }

  // The others are no tests of statements, and want a database on which nothing was pressed yet.

  @Override
  void theExamplesOfAnswersHoldToo() {}

  @Override
  void anAnswerThatTheClientHasIsNotSentAgain() {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select packed from reward_batch where epoch = ?",
        "select b.packed from reward_batch b join run r on r.run = b.run where r.finished",
        "select * from run where run = ? and exists (select from run_epoch where closed)",
        "select r.run, d.samples from run r join dataset d on d.dataset = r.dataset where r.run = ?",
        "update reward_batch set ended_at = ? where revision = ?",
        "update run set run = ? where run = ?",
        "delete from run_attempt where attempt > ?",
        "select from run where run > ? for update",
        "insert into subset (name, size) values (?, ?)",
        "insert into run (run, created_at) values (?, ?) on conflict (run) do update set created_at = now()",
        "update run set incarnation = gen_random_uuid() where run = ?",
        "merge into run using reward_batch b on b.run = ? when matched then delete",
        "select sample_id from sample where ordinal = ?"
      })
  void breachesAreFound(String sql) {
    assertThat(StatementLaw.breaches(sql)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from run r where r.run = ?",
        "select r.*, (select count(*) from run_epoch e where e.run = r.run) from run r where r.run = ?",
        "update run set revision = ? where run = ?",
        "insert into run_epoch (run, epoch) values (?, ?) on conflict (run, epoch) do update set closed = true",
        "select s.record from unnest(?::int[]) n (o) join sample s on s.dataset = ? and s.ordinal = n.o"
      })
  void whatKeepsToTheLawPasses(String sql) {
    assertThat(StatementLaw.breaches(sql)).isEmpty();
  }

  private static boolean isDefinition(String sql) {
    return Pattern.compile("(?is)^\\W*(--.*)?(create|alter|comment|drop|do)\\b").matcher(sql).find()
        || sql.contains("flyway_schema_history");
  }

  private static void takeEveryTurn(Http http) throws Exception {
    http.put("/runs/turns", "{\"batchesPerEpoch\": 2, \"tags\": {\"of\": \"turns\"}}");
    http.put("/runs/turns/epochs/1/batches/a", body(1, 1));
    http.put("/runs/turns/epochs/1/batches/a", body(1, 1));
    http.put("/runs/turns/epochs/1/batches/a", body(1, 0));
    http.put("/runs/turns/epochs/2/batches/a", body(2, 1));
    http.put("/runs/turns/epochs/2/batches/b", body(3, 1));
    http.post("/runs/turns/epochs/2/complete", "{}");
    http.post("/runs/turns/epochs/3/rewards", body(4, 0));
    assertThat(http.exchange("POST", "/runs/turns/epochs/3/rewards", body(4, 1)).status())
        .isEqualTo(409);
    http.post("/runs/turns/epochs/3/rewards?replace=true", body(4, 1));
    String lines =
        """
        {"epoch": 4, "batch": "a", "rewards": [{"sample": "new", "values": [1]}]}
        {"epoch": 4, "batch": "a", "rewards": [{"sample": "new", "values": [0]}]}
        {"epoch": 5, "rewards": [{"sample": "other", "values": [0]}]}
        """;
    assertThat(
            http.stream(
                    "POST",
                    "/runs/turns/rewards",
                    () -> new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)))
                .status())
        .isEqualTo(200);
    http.get("/runs/turns/scores?missing=observed");
    http.get("/runs/turns/subset?fraction=1&missing=observed&format=records");
    http.get("/runs/turns/trajectories?sample=s-1");
    http.delete("/runs/turns/epochs/2/batches/b");
    http.put("/runs/turns/attempts/2", "{\"afterEpoch\": 3}");
    http.put("/runs/turns/attempts/2", "{\"afterEpoch\": 3}");
    http.get("/runs/turns/scores?missing=observed&correctAt=0.5&reward=accuracy");
    http.get("/runs?tag=of:turns&limit=1");
    http.get("/datasets?limit=1");
    http.get("/datasets/turns/samples?limit=1");
    http.delete("/runs/turns?force=true");
    assertThat(http.exchange("GET", "/runs/turns", "").status()).isEqualTo(410);
    http.put("/runs/turns", "{}");
    http.get("/runs/turns");
  }

  private static String body(int step, int reward) {
    return "{\"step\": %d, \"rewards\": [{\"sample\": \"s-%d\", \"values\": [%d, 0]}]}"
        .formatted(step, step % 3, reward);
  }
}
