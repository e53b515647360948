package dev.lim;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RestController;

/** Rules that the compiler does not hold. */
@AnalyzeClasses(packages = "dev.lim", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

  @ArchTest
  static final ArchRule scoringIsPureMathematics =
      classes()
          .that()
          .resideInAPackage("dev.lim.scoring..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.lim.scoring..",
              "java..",
              "jdk.incubator.vector..",
              "org.jspecify..",
              "it.unimi.dsi..");

  @ArchTest
  static final ArchRule sharedWebCodeKnowsNoFeature =
      noClasses()
          .that()
          .resideInAPackage("dev.lim.web..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.lim.dataset..",
              "dev.lim.run..",
              "dev.lim.reward..",
              "dev.lim.selection..",
              "dev.lim.insight..");

  @ArchTest
  static final ArchRule nothingUsesInsight =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lim.insight..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.lim.insight..");

  @ArchTest
  static final ArchRule controllersStayInTheirRoom =
      classes().that().areAnnotatedWith(RestController.class).should().bePackagePrivate();

  @ArchTest
  static final ArchRule dependenciesAreInjectedByConstructor =
      fields()
          .should()
          .notBeAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
          .andShould()
          .notBeAnnotatedWith("jakarta.persistence.PersistenceContext");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses().should().haveNameMatching(".*(Impl|Manager|Helper|Utils?|Dto|Service)(\\$.*)?");

  @ArchTest
  static final ArchRule onlyTheDemoSleeps =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.lim.demo..", "dev.lim.database..")
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "Thread.sleep",
                  call ->
                      call.getTargetOwner().isEquivalentTo(Thread.class)
                          && call.getName().equals("sleep")));

  @ArchTest
  static final ArchRule timeComesInUtc =
      noClasses()
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe(
                  "have local dates",
                  (JavaClass type) ->
                      type.isEquivalentTo(java.time.LocalDateTime.class)
                          || type.isEquivalentTo(java.util.Date.class)));

  @Test
  void everyPackageStatesItsInvariantAndIsNullMarked() throws IOException {
    Path root = Path.of("src/main/java/dev/lim");
    try (Stream<Path> directories = Files.walk(root).filter(Files::isDirectory)) {
      List<Path> packages = directories.toList();
      assertThat(packages).hasSizeGreaterThan(8);
      for (Path directory : packages) {
        assertThat(directory.resolve("package-info.java"))
            .content()
            .contains("/**")
            .contains("@NullMarked");
      }
    }
  }
}
