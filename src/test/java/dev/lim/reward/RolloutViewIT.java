package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lim.Http;
import dev.lim.IntegrationTest;
import dev.lim.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Holds the SQL that unfolds the reward log against the service. */
@IntegrationTest
class RolloutViewIT {

  private static final String UNFOLD =
      "select ordinal, rollout, reward from reward_batch_rollouts(?)";

  @Autowired JdbcClient jdbc;
  @LocalServerPort int port;

  /** A rollout as the function and the codec tell it; the reward by its bits. */
  private record Unfolded(int ordinal, int rollout, int reward) {}

  @Test
  void theFunctionReadsWhatTheCodecWrites() {
    for (Rewards rewards : BatchShapes.all(new Random(Seed.of(getClass())))) {
      byte[] packed = RewardCodec.pack(rewards);
      List<Unfolded> unfolded =
          jdbc.sql(UNFOLD)
              .param(packed)
              .query((row, _) ->
                  new Unfolded(
                      row.getInt(1), row.getInt(2), Float.floatToRawIntBits(row.getFloat(3))))
              .list();
      assertThat(unfolded)
          .as("%d samples, codes of %d bits", rewards.samples(), packed[3])
          .isEqualTo(unfold(rewards));
    }
  }

  @Test
  void theFunctionRefusesAVersionThatItDoesNotKnow() {
    byte[] packed = RewardCodec.pack(new Rewards(new int[] {0}, new int[] {1}, new float[] {1}));
    packed[0] = 2;
    assertThatThrownBy(() -> jdbc.sql(UNFOLD).param(packed).query(Unfolded.class).list())
        .isInstanceOf(DataAccessException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void theViewShowsWhatIsInForce() {
    Http http = new Http(port);
    String run = "view-" + UUID.randomUUID();
    http.put(
        "/runs/" + run + "/epochs/1/batches/x",
        """
        {"step": 4, "rewards": [{"sample": "a", "values": [1, 0.1]}, {"sample": "é", "values": [-0.5]}]}\
        """);
    http.put(
        "/runs/" + run + "/epochs/1/batches/y",
        """
        {"rewards": [{"sample": "a", "values": [9]}]}\
        """);
    http.put(
        "/runs/" + run + "/epochs/2/batches/x",
        """
        {"rewards": [{"sample": "b", "values": [9]}]}\
        """);
    http.put(
        "/runs/" + run + "/epochs/2/batches/x",
        """
        {"rewards": [{"sample": "b", "values": [1e30]}]}\
        """);
    http.delete("/runs/" + run + "/epochs/1/batches/y");
    http.post(
        "/runs/" + run + "/epochs/3/rewards",
        """
        {"rewards": [{"sample": 7, "values": [0, 0]}]}\
        """);
    assertThat(
            jdbc.sql(
                    """
                    select concat_ws(' ', epoch, batch, step, revision, sample, rollout, reward) from rollout
                    where run = ? order by revision, sample, rollout
                    """)
                .param(run)
                .query(String.class)
                .list())
        .containsExactly(
            "1 x 4 1 a 1 1",
            "1 x 4 1 a 2 0.1",
            "1 x 4 1 é 1 -0.5",
            "2 x 4 b 1 1e+30",
            "3 epoch 6 7 1 0",
            "3 epoch 6 7 2 0");
  }

  @Test
  void theViewAddsUpToWhatTheServiceCounts() {
    Http http = new Http(port);
    String run = "view-" + UUID.randomUUID();
    Random random = new Random(Seed.of(getClass()));
    for (int batch = 0; batch < 20; batch++) {
      StringBuilder body = new StringBuilder("{\"rewards\": [");
      int samples = 1 + random.nextInt(300);
      for (int sample = 0; sample < samples; sample++) {
        body.append(sample == 0 ? "" : ",")
            .append("{\"sample\": ")
            .append(sample * (1 + batch % 3))
            .append(", \"values\": [")
            .append(random.nextInt(2))
            .append(", ")
            .append(batch % 2 == 0 ? random.nextFloat() : random.nextInt(-2, 2))
            .append("]}");
      }
      http.put(
          "/runs/%s/epochs/%d/batches/%d".formatted(run, 1 + random.nextInt(3), batch % 15),
          body + "]}");
    }
    List<String> bySql =
        jdbc.sql(
                """
                select concat_ws(' ', epoch, count(distinct batch), count(distinct sample), count(*)) from rollout
                where run = ? group by epoch order by epoch
                """)
            .param(run)
            .query(String.class)
            .list();
    List<String> byService = new ArrayList<>();
    http.get("/runs/" + run)
        .json()
        .get("epochs")
        .forEach(epoch ->
            byService.add(
                "%d %d %d %d"
                    .formatted(
                        epoch.get("epoch").intValue(),
                        epoch.get("batches").intValue(),
                        epoch.get("samples").intValue(),
                        epoch.get("rollouts").intValue())));
    assertThat(bySql).isNotEmpty().isEqualTo(byService);
    http.get("/runs/" + run + "/trajectories?from=1&sample=0&sample=6")
        .json()
        .get("items")
        .forEach(item ->
            item.get("epochs")
                .forEach(epoch ->
                    assertThat(
                            jdbc.sql(
                                    """
                                    select sum(reward::float8 order by revision, rollout) / count(*) from rollout
                                    where run = ? and sample = ? and epoch = ?
                                    """)
                                .params(
                                    run,
                                    item.get("sample").stringValue(),
                                    epoch.get("epoch").intValue())
                                .query(Double.class)
                                .single())
                        .isEqualTo(epoch.get("reward").doubleValue())));
  }

  private static List<Unfolded> unfold(Rewards rewards) {
    List<Unfolded> unfolded = new ArrayList<>();
    int value = 0;
    for (int i = 0; i < rewards.samples(); i++) {
      for (int rollout = 1; rollout <= rewards.rollouts()[i]; rollout++) {
        unfolded.add(
            new Unfolded(
                rewards.ordinals()[i],
                rollout,
                Float.floatToRawIntBits(rewards.values()[value++])));
      }
    }
    return unfolded;
  }
}
