package dev.lim.run;

import dev.lim.scoring.MissingRule;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A run's state as it is read from the database. */
final class RunRow {

  /** All runs; to be narrowed. */
  static final String STATE =
      """
      select r.*, (select array_agg(e.epoch order by e.epoch) from run_epoch e
                   where e.run = r.run and e.closed) as closed_epochs
      from run r
      """;

  static final String ONE = STATE + "where r.run = ?";

  private RunRow() {}

  static RunState state(ResultSet row, JsonMapper json) throws SQLException {
    Array closed = row.getArray("closed_epochs");
    return new RunState(
        row.getString("run"),
        row.getObject("incarnation", UUID.class),
        row.getString("dataset"),
        new RunSettings(
            RewardKind.of(row.getString("reward")).orElseThrow(),
            (Float) row.getObject("correct_at"),
            row.getFloat("reward_max"),
            MissingRule.of(row.getString("missing")).orElseThrow(),
            (Integer) row.getObject("batches_per_epoch"),
            row.getBoolean("closed_dataset"),
            json.readValue(row.getString("tags"), new TypeReference<Map<String, String>>() {})),
        row.getInt("attempt"),
        row.getLong("revision"),
        row.getBoolean("finished"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("last_write_at", OffsetDateTime.class).toInstant(),
        closed == null
            ? new int[0]
            : Arrays.stream((Integer[]) closed.getArray()).mapToInt(i -> i).toArray());
  }
}
