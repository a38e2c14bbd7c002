package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestExperiments;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Experiment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {
  @TempDir private Path runs;
  @TempDir private Path files;

  private Experiment experiment;
  private Path directory;

  @BeforeEach
  void read() {
    experiment = TestExperiments.small(files);
    directory = runs.resolve(experiment.directoryName());
  }

  private RunDirectory open(Experiment one) throws IOException {
    RunDirectory run = RunDirectory.open(runs.toString(), one, new Configuration());
    run.close();
    return run;
  }

  /** Opening is refused and changes nothing. */
  private void assertRefused(Experiment one, String message) {
    SortedMap<String, String> before = TestBlocks.listing(runs);
    assertThatThrownBy(() -> open(one)).isInstanceOf(BadInputException.class).hasMessage(message);
    assertThat(TestBlocks.listing(runs)).isEqualTo(before);
  }

  private String cannotUse() {
    return "Cannot use run directory file:" + directory + ": ";
  }

  @Test
  void aNewDirectorySaysWhoseItIs() throws IOException {
    RunDirectory run = open(experiment);
    assertThat(run.directory().toUri().getPath()).isEqualTo(directory.toString());
    assertThat(run.hash()).isEqualTo(experiment.hash());
    assertThat(directory.resolve("experiment.conf")).hasContent(experiment.text());
    assertThat(directory.resolve("blocks")).isEmptyDirectory();
  }

  @Test
  void openingAgainRemovesOnlyWhatWasNeverPublished() throws IOException {
    RunDirectory run = open(experiment);
    run.write("report/index.html", "report");
    Files.createDirectories(directory.resolve("blocks/batch=0"));
    Files.writeString(directory.resolve("_staging/left-over"), "half a batch");
    Experiment larger = TestExperiments.small(files, "budget.prompts-per-cell = 99999");
    open(larger);
    assertThat(directory.resolve("_staging")).doesNotExist();
    assertThat(directory.resolve("blocks/batch=0")).exists();
    assertThat(directory.resolve("report/index.html")).hasContent("report");
    assertThat(directory.resolve("experiment.conf")).hasContent(experiment.text());
    run.writeExperiment(larger);
    assertThat(directory.resolve("experiment.conf")).hasContent(larger.text());
  }

  @Test
  void directoryOfAnotherExperiment() throws IOException {
    open(experiment);
    String text = Files.readString(directory.resolve("experiment.conf"));
    Files.writeString(
        directory.resolve("experiment.conf"), text.replace("name=small", "name=large"));
    assertRefused(
        experiment,
        cannotUse() + "it belongs to another experiment, with name = large and not small");
    Files.writeString(directory.resolve("experiment.conf"), text.replace("seed=7", "seed=8"));
    assertRefused(
        experiment, cannotUse() + "it belongs to another experiment, with seed = 8 and not 7");
    Files.writeString(
        directory.resolve("experiment.conf"), text.replace("stream-version=2", "stream-version=1"));
    assertRefused(
        experiment,
        cannotUse() + "it belongs to another experiment, with stream-version = 1 and not 2");
  }

  @Test
  void anotherSeedIsAnotherDirectory() throws IOException {
    open(experiment);
    Experiment other = TestExperiments.small(files, "seed = 8");
    assertThat(open(other).directory().getName()).isNotEqualTo(experiment.directoryName());
  }

  /** A run may be killed while it replaces the file; the directory's name says whose it is. */
  @Test
  void aLostExperimentIsWrittenAgain() throws IOException {
    Files.createDirectories(directory.resolve("blocks/batch=0"));
    open(experiment);
    assertThat(directory.resolve("experiment.conf")).hasContent(experiment.text());
    assertThat(directory.resolve("blocks/batch=0")).exists();
  }

  /** Killed between replacing the file and replacing its checksum. */
  @Test
  void theChecksumOfAnOlderExperimentDoesNotMatter() throws IOException {
    open(experiment);
    Path checksum = directory.resolve(".experiment.conf.crc");
    byte[] older = Files.readAllBytes(checksum);
    older[older.length - 1] ^= 1;
    Files.write(checksum, older);
    assertThat(open(experiment).hash()).isEqualTo(experiment.hash());
  }

  @Test
  void anExperimentThatIsThereIsNotWrittenAgain() throws IOException {
    RunDirectory run = open(experiment);
    Object before = Files.readAttributes(directory.resolve("experiment.conf"), "unix:ino");
    run.writeExperiment(experiment);
    assertThat(Files.readAttributes(directory.resolve("experiment.conf"), "unix:ino"))
        .isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "name = {", "name = small", "name = small\nseed = [7]", "PAR1\0\0"})
  void experimentFileThatCannotBeRead(String text) throws IOException {
    open(experiment);
    Files.writeString(directory.resolve("experiment.conf"), text);
    SortedMap<String, String> before = TestBlocks.listing(runs);
    assertThatThrownBy(() -> open(experiment))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(cannotUse() + "its experiment.conf cannot be read: ")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    assertThat(TestBlocks.listing(runs)).isEqualTo(before);
  }

  /** A path below a regular file cannot be written, not even by root. */
  @Test
  void unwritable() throws IOException {
    Path file = Files.writeString(files.resolve("file"), "no directory");
    for (String below : new String[] {file.toString(), file + "/runs"}) {
      assertThatThrownBy(() -> RunDirectory.open(below, experiment, new Configuration()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "Cannot write run directory file:" + below + "/" + experiment.directoryName() + ": ")
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
    assertThat(file).hasContent("no directory");
  }

  @Test
  void aFileWhereTheLedgerShouldBe() throws IOException {
    open(experiment);
    Files.delete(directory.resolve("blocks"));
    Files.writeString(directory.resolve("blocks"), "no directory");
    assertThatThrownBy(() -> open(experiment))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write run directory file:" + directory + ": ");
    assertThat(directory.resolve("blocks")).hasContent("no directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nosuch:///runs", "nosuch://host/runs", "a:b", ""})
  void placesThatDoNotExist(String place) {
    assertThatThrownBy(() -> RunDirectory.open(place, experiment, new Configuration()))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot use --runs " + place + ": ");
  }

  @Test
  void textsAreReplacedAsAWhole() throws IOException {
    RunDirectory run = open(experiment);
    run.write("summary.json", "first");
    run.write("summary.json", "é");
    assertThat(directory.resolve("summary.json")).hasContent("é");
    assertThat(directory.resolve("_staging")).isEmptyDirectory();
    run.cleanUp();
    assertThat(directory.resolve("_staging")).doesNotExist();
    run.cleanUp();
  }

  @Test
  void directoriesAreReplacedAsAWhole() throws IOException {
    RunDirectory run = open(experiment);
    for (String content : new String[] {"first", "second"}) {
      org.apache.hadoop.fs.Path staged = run.newStaging();
      Path local = Files.createDirectory(Path.of(staged.toUri().getPath()));
      Files.writeString(local.resolve(content), content);
      run.replaceDirectory(staged, "cells.parquet");
      assertThat(directory.resolve("cells.parquet").toFile().list()).containsExactly(content);
    }
  }

  @Test
  void failuresToWriteNameTheFile() throws IOException {
    RunDirectory run = open(experiment);
    Files.writeString(directory.resolve("report"), "no directory");
    assertThatThrownBy(() -> run.write("report/index.html", "page"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write file:" + directory + "/report/index.html: ");
    assertThat(directory.resolve("report")).hasContent("no directory");
  }
}
