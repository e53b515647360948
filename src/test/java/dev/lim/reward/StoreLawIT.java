package dev.lim.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lim.IntegrationTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the tables keep to, all of them, so that hash partitions or Citus can spread them by {@code
 * run} or {@code dataset} without rewriting one. The key of a table is the first column of its
 * primary key.
 */
@IntegrationTest
class StoreLawIT {

  private static final String TABLES =
      """
      with tables as (
          select c.oid, c.relname, (select a.attname from pg_index i
                                    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                                    where i.indrelid = c.oid and i.indisprimary) as key
          from pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and c.relname <> 'flyway_schema_history'
      )
      """;

  @Autowired JdbcClient jdbc;

  @Test
  void everyTableIsKeyedByItsRunOrDataset() {
    assertThat(query("select relname || ' ' || coalesce(key, '') from tables order by 1"))
        .contains(
            "dataset dataset",
            "reward_batch run",
            "run run",
            "run_attempt run",
            "run_epoch run",
            "sample dataset",
            "subset run")
        .allMatch(table -> table.endsWith(" run") || table.endsWith(" dataset"));
  }

  @Test
  void keysAreTextThatComparesBytes() {
    assertThat(
            query(
                """
                select relname from tables join pg_attribute a on a.attrelid = tables.oid and a.attname = key
                where a.atttypid <> 'text'::regtype or a.attcollation <> '"C"'::regcollation or not a.attnotnull
                """))
        .isEmpty();
  }

  @Test
  void everyUniqueIndexHoldsTheKey() {
    assertThat(
            query(
                """
                select i.indexrelid::regclass::text from tables join pg_index i on i.indrelid = tables.oid
                where i.indisunique and not exists (
                    select from pg_attribute a
                    where a.attrelid = tables.oid and a.attname = key and a.attnum = any (i.indkey))
                """))
        .isEmpty();
  }

  @Test
  void foreignKeysLeadFromKeyToTheSameKey() {
    assertThat(
            query(
                """
                select conname from pg_constraint c join tables f on f.oid = c.conrelid
                left join tables p on p.oid = c.confrelid
                where c.contype = 'f' and (p.key is distinct from f.key or not exists (
                    select from unnest(c.conkey, c.confkey) pair (here, there)
                    join pg_attribute a on a.attrelid = f.oid and a.attnum = here and a.attname = f.key
                    join pg_attribute b on b.attrelid = p.oid and b.attnum = there and b.attname = p.key))
                """))
        .isEmpty();
  }

  @Test
  void nothingCountsOrActsOnItsOwn() {
    assertThat(query("select relname from pg_class where relkind = 'S' and oid > 16383")).isEmpty();
    assertThat(
            query(
                "select relname from tables join pg_attribute a on a.attrelid = tables.oid where a.attidentity <> ''"))
        .isEmpty();
    assertThat(
            query(
                "select tgname from tables join pg_trigger t on t.tgrelid = tables.oid where not tgisinternal"))
        .isEmpty();
  }

  @Test
  void theSharedLawFindsNoBreach() throws IOException {
    Path law = Path.of("..", "shared", "acceptance", "store-law.sql");
    if (!Files.exists(law)) {
      System.out.println("SKIPPED: " + law + " is not there; the other tests hold the same law");
      return;
    }
    assertThat(
            jdbc.sql(Files.readString(law))
                .query((row, _) -> row.getString(1) + ": " + row.getString(2))
                .list())
        .isEmpty();
  }

  private List<String> query(String sql) {
    return jdbc.sql(TABLES + sql).query(String.class).list();
  }
}
