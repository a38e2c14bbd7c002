package dev.promptlimit.jobs.table;

import dev.promptlimit.jobs.config.BadInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The batches of a ledger: {@code <directory>/batch=<k>/}, each wholly there or not at all.
 *
 * <p>A batch is Parquet files and {@code _manifest.json}, which names them with their sizes and is
 * written last. Where renames are atomic a batch is written under {@code _staging} and published by
 * one rename that fails if the name is taken. Elsewhere it is written where it stays, and its
 * manifest publishes it: what has none does not count. A run that was killed in between leaves
 * files that the next one publishes if Spark's {@code _SUCCESS} says that all are there, and
 * removes if not.
 *
 * <p>Published batches never change, so one that was found in order is not looked at again.
 */
final class BatchFiles {
  private static final Pattern BATCH = Pattern.compile("batch=(\\d{1,18})");
  private static final String MANIFEST = "_manifest.json";
  private static final String SUCCESS = "_SUCCESS";

  /** Batches that are looked at at a time. */
  private static final int AT_ONCE = 16;

  private final RunDirectory run;
  private final Path directory;
  private final Map<Path, Batch> inOrder = new ConcurrentHashMap<>();
  private long next;

  BatchFiles(RunDirectory run, Path directory) {
    this.run = run;
    this.directory = directory;
  }

  /**
   * A published batch.
   *
   * @param directory where it is
   * @param number its number
   * @param files its Parquet files
   */
  record Batch(Path directory, long number, List<FileStatus> files) {
    long bytes() {
      return files.stream().mapToLong(FileStatus::getLen).sum();
    }
  }

  /** Writes files into a directory that is not there yet. */
  @FunctionalInterface
  interface Writer {
    /** Fails with whatever Spark fails with. */
    void write(Path directory) throws Exception;
  }

  /** Writes files and publishes them as the next batch. */
  void publish(Writer writer) throws Exception {
    boolean staged = run.renamesAreAtomic();
    Path written = staged ? run.newStaging() : reserve();
    writer.write(written);
    run.checkLock();
    writeManifest(written);
    if (staged) {
      run.files().mkdir(directory, null, true);
      run.files().rename(written, reserve(), Options.Rename.NONE);
    }
  }

  /** The directory of the next batch; two at once do not get the same. */
  private synchronized Path reserve() throws IOException {
    for (Path batch : directories()) {
      next = Math.max(next, number(batch) + 1);
    }
    return new Path(directory, "batch=" + next++);
  }

  private void writeManifest(Path batch) throws IOException {
    List<Manifest.File> files = new ArrayList<>();
    for (FileStatus file : list(batch)) {
      if (isTable(file.getPath())) {
        files.add(new Manifest.File(file.getPath().getName(), file.getLen()));
      }
    }
    EnumSet<CreateFlag> create = EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE);
    try (OutputStream out = run.files().create(new Path(batch, MANIFEST), create)) {
      out.write(new Manifest(files).json());
    }
  }

  /** Looks into a file, and throws if it is not one of the ledger. */
  @FunctionalInterface
  interface Check {
    void check(Path file);
  }

  /**
   * All published batches, by number, some at a time where many are new: a remote file system takes
   * its time for each.
   *
   * @throws BadInputException if something else is there, or a batch is not what was published
   */
  List<Batch> published(Check check) throws IOException {
    List<Path> paths = directories();
    List<Path> unknown = paths.stream().filter(path -> !inOrder.containsKey(path)).toList();
    Map<Path, Optional<Batch>> looked = new ConcurrentHashMap<>();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Callable<Void>> looks = new ArrayList<>();
      for (Path path : unknown) {
        looks.add(
            () -> {
              looked.put(path, look(path, check));
              return null;
            });
      }
      for (Future<Void> look : threads.invokeAll(looks)) {
        look.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Cannot read ledger " + directory + ": interrupted", e);
    } catch (ExecutionException e) {
      throw RootCause.of(e);
    } finally {
      threads.shutdownNow();
    }
    List<Batch> batches = new ArrayList<>();
    for (Path path : paths) {
      Optional<Batch> batch = Optional.ofNullable(inOrder.get(path)).or(() -> looked.get(path));
      if (batch.isPresent()) {
        inOrder.put(path, batch.get());
        batches.add(batch.get());
      }
    }
    return batches;
  }

  private List<Path> directories() throws IOException {
    List<Path> batches = new ArrayList<>();
    RemoteIterator<FileStatus> entries;
    try {
      entries = run.files().listStatus(directory);
    } catch (FileNotFoundException e) {
      return batches;
    }
    while (entries.hasNext()) {
      FileStatus entry = entries.next();
      if (!entry.isDirectory() || !BATCH.matcher(entry.getPath().getName()).matches()) {
        throw foreign(entry.getPath(), "only directories batch=<number> belong there");
      }
      batches.add(entry.getPath());
    }
    batches.sort(Comparator.comparingLong(BatchFiles::number));
    return batches;
  }

  private static long number(Path batch) {
    Matcher matcher = BATCH.matcher(batch.getName());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Cannot read the number of batch " + batch);
    }
    return Long.parseLong(matcher.group(1));
  }

  private List<FileStatus> list(Path batch) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    RemoteIterator<FileStatus> entries = run.files().listStatus(batch);
    while (entries.hasNext()) {
      files.add(entries.next());
    }
    files.sort(Comparator.comparing(file -> file.getPath().getName()));
    return files;
  }

  private static boolean isTable(Path file) {
    return file.getName().endsWith(".parquet") && !isHidden(file);
  }

  /** Spark's marks, Hadoop's checksums, the manifest. */
  private static boolean isHidden(Path file) {
    return file.getName().startsWith("_") || file.getName().startsWith(".");
  }

  /** What a directory holds; empty if it is not published. */
  private Optional<Batch> look(Path batch, Check check) throws IOException {
    List<FileStatus> tables = new ArrayList<>();
    Optional<Path> manifest = Optional.empty();
    for (FileStatus entry : list(batch)) {
      Path file = entry.getPath();
      if (file.getName().equals(MANIFEST)) {
        manifest = Optional.of(file);
      } else if (isTable(file)) {
        tables.add(entry);
      } else if (!isHidden(file)) {
        throw foreign(file, "it is not a Parquet file");
      }
    }
    if (manifest.isPresent()) {
      tables = listed(manifest.get(), tables, check);
    } else if (!run.renamesAreAtomic()) {
      return Optional.empty();
    } else {
      tables.forEach(file -> check.check(file.getPath()));
    }
    if (tables.isEmpty()) {
      throw foreign(batch, "it holds no Parquet file");
    }
    return Optional.of(new Batch(batch, number(batch), List.copyOf(tables)));
  }

  /** Those files that the manifest lists, all of which must be there. */
  private List<FileStatus> listed(Path manifest, List<FileStatus> there, Check check)
      throws IOException {
    Map<String, FileStatus> unlisted = new TreeMap<>();
    there.forEach(file -> unlisted.put(file.getPath().getName(), file));
    List<FileStatus> listed = new ArrayList<>();
    for (Manifest.File entry : readManifest(manifest)) {
      Path file = new Path(manifest.getParent(), entry.name());
      FileStatus found = unlisted.remove(entry.name());
      if (found == null) {
        throw foreign(file, "it is not there, but in the manifest of its batch");
      }
      check.check(file); // knows better what is wrong
      if (found.getLen() != entry.bytes()) {
        throw foreign(
            file,
            "it has " + found.getLen() + " bytes, the manifest of its batch says " + entry.bytes());
      }
      listed.add(found);
    }
    // where files appear in place, tasks of a dead driver may leave some later
    if (run.renamesAreAtomic() && !unlisted.isEmpty()) {
      throw foreign(
          unlisted.values().iterator().next().getPath(), "it is not in the manifest of its batch");
    }
    return listed;
  }

  private List<Manifest.File> readManifest(Path manifest) {
    try (var in = run.files().open(manifest)) {
      return Manifest.read(in.readAllBytes()).files();
    } catch (IOException e) {
      throw foreign(manifest, "it is no manifest: " + RootCause.line(e));
    }
  }

  /** Publishes or removes what a killed run has left unpublished. */
  void recover() throws IOException {
    if (run.renamesAreAtomic()) {
      return; // it is in staging
    }
    for (Path batch : directories()) {
      if (run.files().util().exists(new Path(batch, MANIFEST))) {
        continue;
      }
      if (run.files().util().exists(new Path(batch, SUCCESS))) {
        writeManifest(batch);
      } else {
        run.files().delete(batch, true);
      }
    }
  }

  /** Removes batches whose content is elsewhere; each is there wholly or not at all meanwhile. */
  void retire(List<Batch> batches) throws IOException {
    for (Batch batch : batches) {
      run.checkLock();
      inOrder.remove(batch.directory);
      if (run.renamesAreAtomic()) {
        Path staged = run.newStaging();
        run.files().rename(batch.directory, staged, Options.Rename.NONE);
        run.files().delete(staged, true);
      } else {
        run.files().delete(new Path(batch.directory, SUCCESS), false); // not to be recovered
        run.files().delete(new Path(batch.directory, MANIFEST), false);
        run.files().delete(batch.directory, true);
      }
    }
  }

  static BadInputException foreign(Path path, String reason) {
    return new BadInputException("Cannot read ledger file " + path + ": " + reason);
  }
}
