package dev.lim.selection;

import dev.lim.dataset.Samples;
import dev.lim.run.DeletionGuard;
import dev.lim.run.RunState;
import dev.lim.run.Runs;
import dev.lim.web.ProblemException;
import dev.lim.web.ProblemType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The frozen subsets in the database. A row is written once and goes only with its run.
 * Thread-safe.
 */
@Component
class FrozenSubsets implements DeletionGuard {

  private static final String ABOUT =
      "select run, name, request, selected_by, size, sha256, revision, created_at from subset ";

  private static final String ONE = ABOUT + "where run = ? and name = ?";

  private static final String PAGE = ABOUT + "where run = ? and name > ? order by name limit ?";

  private static final String COUNT = "select count(*) from subset where run = ?";

  private static final String FREEZE =
      """
      insert into subset (run, name, request, selected_by, size, sha256, ordinals, ranks, scores, revision, created_at)
      values (?, ?, ?::json, ?::json, ?, ?, ?, ?, ?, ?, ?)
      on conflict (run, name) do nothing
      """;

  /** As rows, so that they come by portions and never as boxed arrays. */
  private static final String SAMPLES =
      """
      select u.position, u.ordinal, u.rank, u.score
      from subset s, unnest(s.ordinals, s.ranks, s.scores) with ordinality u (ordinal, rank, score, position)
      where s.run = ? and s.name = ?
      """;

  private static final int SAMPLES_A_FETCH = 1 << 14;

  private final Runs runs;
  private final Samples samples;
  private final JdbcClient jdbc;
  private final JdbcTemplate template;
  private final TransactionTemplate transaction;
  private final JsonMapper json;

  FrozenSubsets(
      Runs runs,
      Samples samples,
      JdbcClient jdbc,
      JdbcTemplate template,
      TransactionTemplate transaction,
      JsonMapper json) {
    this.runs = runs;
    this.samples = samples;
    this.jdbc = jdbc;
    this.template = template;
    this.transaction = transaction;
    this.json = json;
  }

  /** A frozen subset, and whether it was not there before. */
  record Frozen(FrozenSubset subset, boolean created) {}

  /**
   * Freezes what is selected now, unless a subset of this name is there: that one is the answer
   * where it was asked for in the same words, whatever was written since, or would be the same one
   * if it were frozen now.
   *
   * @param request the parameters as given, in one form only
   * @param score scores a state of the run with them
   * @throws ProblemException 404 or 410 where there is no such run; 409 where another subset has
   *     the name
   */
  Frozen freeze(
      String run,
      String name,
      String request,
      ScoringParameters parameters,
      Selection selection,
      Function<RunState, Scored> score) {
    while (true) {
      RunState state = runs.read(run);
      Optional<FrozenSubset> present = find(run, name);
      if (present.isPresent() && present.get().request().equals(request)) {
        return new Frozen(present.get(), false);
      }
      Scored scored = score.apply(state);
      Subset live = Subset.live(scored, selection, json);
      FrozenSubset fresh =
          FrozenSubset.of(
              name,
              request,
              parameters,
              scored,
              live.about().get(),
              Instant.now().truncatedTo(ChronoUnit.MICROS),
              json);
      if (present.isPresent()) {
        requireSame(fresh, live, present.get(), scored.state());
        return new Frozen(present.get(), false);
      }
      if (insert(fresh, live, scored.state())) {
        return new Frozen(fresh, true);
      }
      // Another was faster, or the run is another one by now.
    }
  }

  private boolean insert(FrozenSubset fresh, Subset live, RunState of) {
    return Boolean.TRUE.equals(
        transaction.execute(status -> {
          int inserted =
              jdbc.sql(FREEZE)
                  .params(
                      fresh.run(),
                      fresh.name(),
                      fresh.request(),
                      fresh.selectedBy(),
                      fresh.size(),
                      fresh.sha256(),
                      live.ordinals(),
                      live.ranks(),
                      live.scores(),
                      fresh.revision(),
                      fresh.createdAt().atOffset(ZoneOffset.UTC))
                  .update();
          // Last, for it keeps writers of the run waiting.
          boolean stands = inserted == 1 && runs.holdAgainstDeletion(of);
          if (!stands) {
            status.setRollbackOnly();
          }
          return stands;
        }));
  }

  private void requireSame(FrozenSubset fresh, Subset live, FrozenSubset present, RunState state) {
    if (fresh.selectedBy().equals(present.selectedBy())
        && fresh.sha256().equals(present.sha256())) {
      Subset frozen = load(present, state);
      if (Arrays.equals(live.ordinals(), frozen.ordinals())
          && Arrays.equals(live.ranks(), frozen.ranks())
          && Arrays.equals(live.scores(), frozen.scores())) {
        return;
      }
    }
    throw new ProblemException(
        ProblemType.SUBSET_DIFFERS,
        "Subset "
            + present.name()
            + " was frozen at revision "
            + present.revision()
            + " by other parameters, and never changes: GET it to see them, or freeze this one by another name");
  }

  /**
   * What is known of a frozen subset of the run, but its samples.
   *
   * @throws ProblemException 404
   */
  FrozenSubset get(String run, String name) {
    return find(run, name)
        .orElseThrow(() ->
            new ProblemException(
                ProblemType.SUBSET_NOT_FOUND,
                "Run "
                    + run
                    + " has no frozen subset "
                    + name
                    + "; GET /api/v1/runs/"
                    + run
                    + "/subsets lists them"));
  }

  private Optional<FrozenSubset> find(String run, String name) {
    return jdbc.sql(ONE).params(run, name).query((row, _) -> subset(row)).optional();
  }

  /** Those after this name, in the order of names. */
  List<FrozenSubset> page(String run, String after, int limit) {
    return jdbc.sql(PAGE).params(run, after, limit).query((row, _) -> subset(row)).list();
  }

  /** How many the run has: it only ever has more. */
  long count(String run) {
    return jdbc.sql(COUNT).param(run).query(Long.class).single();
  }

  /** With its samples. */
  Subset load(FrozenSubset frozen, RunState state) {
    int[] ordinals = new int[frozen.size()];
    int[] ranks = new int[frozen.size()];
    double[] scores = new double[frozen.size()];
    // Within a transaction, the driver fetches by portions.
    transaction.executeWithoutResult(_ ->
        template.query(
            connection -> {
              PreparedStatement query = connection.prepareStatement(SAMPLES);
              query.setFetchSize(SAMPLES_A_FETCH);
              query.setString(1, frozen.run());
              query.setString(2, frozen.name());
              return query;
            },
            row -> {
              int position = row.getInt(1) - 1;
              ordinals[position] = row.getInt(2);
              ranks[position] = row.getInt(3);
              scores[position] = row.getDouble(4);
            }));
    int ordinalsEnd = Arrays.stream(ordinals).max().orElse(-1) + 1;
    return new Subset(
        () -> frozen.about(json),
        state.dataset(),
        samples.ids(state.dataset(), ordinalsEnd),
        ordinals,
        ranks,
        scores);
  }

  @Override
  public Optional<String> objection(String run) {
    List<String> names = page(run, "", 1).stream().map(FrozenSubset::name).toList();
    long count = names.isEmpty() ? 0 : count(run);
    return count == 0
        ? Optional.empty()
        : Optional.of(
            "Run "
                + run
                + (count == 1
                    ? " has the frozen subset "
                    : " has " + count + " frozen subsets, such as ")
                + names.getFirst()
                + ", which somebody may cite; ?force=true deletes "
                + (count == 1 ? "it" : "them")
                + " with the run");
  }

  @Override
  public void remove(String run) {
    jdbc.sql("delete from subset where run = ?").param(run).update();
  }

  private static FrozenSubset subset(ResultSet row) throws SQLException {
    OffsetDateTime createdAt = row.getObject("created_at", OffsetDateTime.class);
    return new FrozenSubset(
        row.getString("run"),
        row.getString("name"),
        row.getString("request"),
        row.getString("selected_by"),
        row.getInt("size"),
        row.getString("sha256"),
        row.getLong("revision"),
        createdAt.toInstant());
  }
}
