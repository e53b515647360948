package dev.lim.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSettingsTests {

  @ParameterizedTest
  @ValueSource(ints = {150000, 150017, 180006, 190000})
  void takesVersion15AndNewer(int version) {
    assertThatCode(settings(version, "UTF8", "on", "on")::requireFit).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"140023, 14.23", "90624, 9.624"})
  void refusesOlderVersionsByTheirName(int version, String name) {
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(settings(version, "UTF8", "on", "on")::requireFit)
        .withMessageContaining("PostgreSQL " + name)
        .withMessageContaining("15 or newer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "local", "remote_write", "remote_apply"})
  void takesEverySynchronousCommitThatWaitsForTheDisk(String synchronousCommit) {
    assertThatCode(settings(180006, "UTF8", "on", synchronousCommit)::requireFit)
        .doesNotThrowAnyException();
  }

  @Test
  void refusesASettingThatLosesCommits() {
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(settings(180006, "UTF8", "off", "on")::requireFit)
        .withMessageContaining("fsync = off");
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(settings(180006, "UTF8", "on", "off")::requireFit)
        .withMessageContaining("synchronous_commit = off");
  }

  @Test
  void refusesAnotherEncoding() {
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(settings(180006, "SQL_ASCII", "on", "on")::requireFit)
        .withMessageContaining("SQL_ASCII");
  }

  private static ServerSettings settings(
      int version, String encoding, String fsync, String synchronousCommit) {
    return new ServerSettings(
        "jdbc:postgresql://db/lim", version, encoding, fsync, synchronousCommit);
  }
}
