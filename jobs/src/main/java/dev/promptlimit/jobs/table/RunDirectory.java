package dev.promptlimit.jobs.table;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.promptlimit.jobs.config.BadInputException;
import dev.promptlimit.jobs.config.Experiment;
import dev.promptlimit.random.StreamKey;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * A run directory on any Hadoop file system: {@code RUNS/<name>-<hash>/}.
 *
 * <p>{@code experiment.conf} says whose it is; another name, seed or stream version is refused. One
 * program at a time writes ({@link RunLock}). New content is written under {@code _staging/} first
 * and moved into place by one rename; a ledger's batches, where renames are not atomic, as {@link
 * BatchFiles} tells.
 */
public final class RunDirectory implements AutoCloseable {
  private static final String EXPERIMENT = "experiment.conf";

  /**
   * Hadoop setting: schemes of file systems that rename a directory in one step, such as Azure's
   * with a hierarchical namespace, beside those that are known to. Others may copy it.
   */
  static final String MORE_ATOMIC_RENAMES = "promptlimit.atomic-renames";

  private static final Set<String> ATOMIC_RENAMES = Set.of("file", "hdfs", "webhdfs", "swebhdfs");

  /** Where ledgers may be. */
  private static final List<String> LEDGERS = List.of("blocks", "prefixes", "checkpoints", "flows");

  private final FileContext files;
  private final Path directory;
  private final String hash;
  private final boolean atomicRenames;
  private Optional<RunLock> lock = Optional.empty();

  private RunDirectory(FileContext files, Path directory, String hash, Configuration hadoop) {
    this.files = files;
    this.directory = directory;
    this.hash = hash;
    String scheme = directory.toUri().getScheme();
    atomicRenames =
        ATOMIC_RENAMES.contains(scheme)
            || hadoop.getTrimmedStringCollection(MORE_ATOMIC_RENAMES).contains(scheme);
  }

  /**
   * Opens the directory of an experiment below {@code runs} to write into it until it is closed,
   * makes it if it is not there and removes what an interrupted run left unpublished.
   *
   * @throws BadInputException if the directory belongs to another experiment
   * @throws IOException if it cannot be written, or another program does
   */
  public static RunDirectory open(String runs, Experiment experiment, Configuration hadoop)
      throws IOException {
    Path directory;
    FileContext files;
    refusePassword(runs, "Cannot use --runs");
    try {
      Path parent = new Path(runs);
      files = FileContext.getFileContext(parent.toUri(), hadoop);
      directory = files.makeQualified(new Path(parent, experiment.directoryName()));
    } catch (UnsupportedFileSystemException | IllegalArgumentException e) {
      throw new BadInputException("Cannot use --runs " + runs + ": " + e.getMessage());
    }
    RunDirectory run = new RunDirectory(files, directory, experiment.hash(), hadoop);
    run.openToWrite(experiment);
    return run;
  }

  private static void refusePassword(String uri, String cannot) {
    if (uri.matches("[^/]*://[^/]*:[^/]*@.*")) {
      throw new BadInputException(
          cannot + ": its URI holds a password, which would be in logs and results");
    }
  }

  private void openToWrite(Experiment experiment) throws IOException {
    try {
      boolean isNew = isNew(experiment);
      lock = Optional.of(RunLock.acquire(files, directory, RunLock.Timing.USUAL));
      files.mkdir(blocks(), null, true);
      files.delete(path("_staging"), true);
      for (String ledger : LEDGERS) {
        new BatchFiles(this, path(ledger)).recover();
      }
      if (isNew) {
        writeExperiment(experiment);
      }
    } catch (IOException | RuntimeException e) {
      close();
      if (e instanceof IOException) {
        throw new IOException(
            "Cannot write run directory " + directory + ": " + RootCause.line(e), e);
      }
      throw e;
    }
  }

  /**
   * Opens a directory that is there, to write into it until it is closed.
   *
   * @throws BadInputException if it is no run directory
   * @throws IOException if it cannot be written, or another program does
   */
  public static RunDirectory existingToWrite(
      String path, Experiment experiment, Configuration hadoop) throws IOException {
    RunDirectory run = existing(path, hadoop);
    run.checkOwner(experiment);
    run.openToWrite(experiment);
    return run;
  }

  /** Lets others write. */
  @Override
  public void close() {
    lock.ifPresent(RunLock::close);
    lock = Optional.empty();
  }

  /**
   * Makes sure that no other program writes.
   *
   * @throws IOException if this one was taken for dead
   */
  void checkLock() throws IOException {
    if (lock.isPresent()) {
      lock.get().check();
    }
  }

  /** Whether a rename is one step here. */
  boolean renamesAreAtomic() {
    return atomicRenames;
  }

  /**
   * Opens a directory that is there, to read it.
   *
   * @throws BadInputException if it is no run directory
   */
  public static RunDirectory existing(String path, Configuration hadoop) throws IOException {
    refusePassword(path, "Cannot read run directory");
    try {
      Path there = new Path(path);
      FileContext files = FileContext.getFileContext(there.toUri(), hadoop);
      Path directory = files.makeQualified(there);
      String name = directory.getName();
      RunDirectory run =
          new RunDirectory(files, directory, name.substring(name.lastIndexOf('-') + 1), hadoop);
      if (run.readExperiment().isEmpty() || !run.hasResults()) {
        throw new BadInputException(
            "Cannot read run directory "
                + path
                + ": it must have "
                + EXPERIMENT
                + ", and blocks or cells.parquet");
      }
      return run;
    } catch (UnsupportedFileSystemException | IllegalArgumentException e) {
      throw new BadInputException("Cannot read run directory " + path + ": " + e.getMessage());
    }
  }

  /** A ledger, which on object stores is not there while it has no files, or tables at least. */
  private boolean hasResults() throws IOException {
    for (String name : LEDGERS) {
      if (files.util().exists(path(name))) {
        return true;
      }
    }
    return files.util().exists(path("cells.parquet"));
  }

  /** Who says to be writing here; empty if nobody does. */
  public Optional<String> writer() throws IOException {
    return RunLock.holder(files, directory).map(Holder::toString);
  }

  /** The text of the resolved experiment. */
  public String experimentText() throws IOException {
    return readExperiment().orElseThrow();
  }

  /** A text file of the directory; empty if it is not there. */
  public Optional<String> read(String name) throws IOException {
    try (InputStream in = files.open(path(name))) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Writes the resolved experiment, unless it is there; an older one is replaced. */
  public void writeExperiment(Experiment experiment) throws IOException {
    if (!experiment.text().equals(readExperiment().orElse(""))) {
      write(EXPERIMENT, experiment.text());
    }
  }

  private Optional<String> readExperiment() throws IOException {
    return read(EXPERIMENT);
  }

  /**
   * Refuses an experiment that is not the one of this directory's name.
   *
   * @throws BadInputException if the name ends in another hash
   */
  public void checkOwner(Experiment experiment) {
    if (!hash.equals(experiment.hash())) {
      throw new BadInputException(
          "Cannot use run directory "
              + directory
              + ": its name must end in -"
              + experiment.hash()
              + ", the hash of its "
              + EXPERIMENT);
    }
  }

  /** Returns whether no experiment is written down yet. */
  private boolean isNew(Experiment experiment) throws IOException {
    // Without the file the directory's name and the rows of its ledger say whose it is.
    Optional<String> text = readExperiment();
    if (text.isEmpty()) {
      return true;
    }
    try {
      Config owner = ConfigFactory.parseString(text.get());
      requireSame("name", owner.getString("name"), experiment.name());
      requireSame("seed", owner.getNumber("seed").toString(), Long.toString(experiment.seed()));
      requireSame(
          "stream-version",
          owner.getNumber("stream-version").toString(),
          Integer.toString(StreamKey.STREAM_VERSION));
    } catch (ConfigException e) {
      throw new BadInputException(
          "Cannot use run directory "
              + directory
              + ": its "
              + EXPERIMENT
              + " cannot be read: "
              + e.getMessage());
    }
    return false;
  }

  private void requireSame(String key, String theirs, String ours) {
    if (!theirs.equals(ours)) {
      throw new BadInputException(
          "Cannot use run directory "
              + directory
              + ": it belongs to another experiment, with "
              + key
              + " = "
              + theirs
              + " and not "
              + ours);
    }
  }

  /** The directory itself. */
  public Path directory() {
    return directory;
  }

  /** Hash of the experiment's identity. */
  public String hash() {
    return hash;
  }

  /** The ledger's directory. */
  Path blocks() {
    return path("blocks");
  }

  FileContext files() {
    return files;
  }

  /** Something in the directory. */
  public Path path(String name) {
    return new Path(directory, name);
  }

  /** A name for new content that is not yet in place. */
  Path newStaging() throws IOException {
    files.mkdir(path("_staging"), null, true);
    return path("_staging/" + UUID.randomUUID());
  }

  /**
   * Writes a text file, all of it or nothing; an older one is replaced, by one step where the file
   * system can do that. A local one removes it first: killed in between, the file is missing.
   */
  public void write(String name, String text) throws IOException {
    try {
      checkLock();
      Path staging = newStaging();
      try (OutputStream out = files.create(staging, EnumSet.of(CreateFlag.CREATE))) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      files.mkdir(path(name).getParent(), null, true);
      files.rename(staging, path(name), Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw new IOException("Cannot write " + path(name) + ": " + RootCause.line(e), e);
    }
  }

  /** Puts a staged directory into place; an older one is replaced. */
  void replaceDirectory(Path staged, String name) throws IOException {
    checkLock();
    if (files.util().exists(path(name))) {
      files.rename(path(name), newStaging(), Options.Rename.NONE);
    }
    files.rename(staged, path(name), Options.Rename.NONE);
  }

  /** Removes what is left in staging. */
  public void cleanUp() throws IOException {
    files.delete(path("_staging"), true);
  }
}
