package dev.promptlimit.jobs.table;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/* Why this is a lock
 *
 * A contender first writes a file of its own into _lock, then lists _lock. It holds the lock if the
 * listing shows no other contender that may be alive. Of two contenders the one that wrote later
 * lists after both have written, and sees the other: never do both hold it. That needs nothing of the
 * file system but that a listing shows the files that were there before it began; no atomic creation
 * or rename, no clock. Object stores of today do that too.
 *
 * Three files a contender: <id>.json says who it is and is written once; <id>.beat is written again
 * and again, so that it has a new time; <id>.held says that it holds the lock.
 *
 * Alive is a contender whose process runs on this machine, or whose beats are seen to change.
 * Dead is one whose process is gone from this machine, or that was silent for as long as SILENCE by the
 * stopwatch of the one who looks. One that was only asleep finds its file gone before it publishes
 * anything more (check). If it slept between that and publishing, rows are there twice, which is
 * what readers of the ledger expect.
 *
 * Two that ask at the same time see each other: the one with the larger id withdraws, the other one
 * waits for that.
 */

/** The right to write into a run directory, which one program has at a time: {@code _lock/}. */
final class RunLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  private static final String ANNOUNCED = ".json";
  private static final String BEAT = ".beat";
  private static final String HELD = ".held";

  /**
   * How long things take.
   *
   * @param beat milliseconds from one sign of life to the next
   * @param silence milliseconds after which one that gives none is dead
   * @param patience milliseconds that one who asks first waits for the others to withdraw
   */
  record Timing(long beat, long silence, long patience) {
    /** Network file systems may show a file's time up to a minute late. */
    static final Timing USUAL = new Timing(10_000, 150_000, 10_000);
  }

  private final FileContext files;
  private final Path folder;
  private final Path run;
  private final Timing timing;
  private final String id;
  private final ScheduledExecutorService beats;

  private RunLock(FileContext files, Path run, Timing timing) {
    this.files = files;
    this.run = run;
    this.timing = timing;
    folder = new Path(run, "_lock");
    id = UUID.randomUUID().toString();
    beats =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "run lock");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the lock of a run directory; waits only for one that may be dead.
   *
   * @throws IOException if another program has it, which is named
   */
  static RunLock acquire(FileContext files, Path run, Timing timing) throws IOException {
    RunLock lock = new RunLock(files, run, timing);
    try {
      lock.announce();
      lock.awaitTurn();
      lock.write(HELD, "");
      return lock;
    } catch (IOException | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /** Who says to hold the lock, dead or alive; empty if nobody does. */
  static Optional<Holder> holder(FileContext files, Path run) throws IOException {
    RunLock looking = new RunLock(files, run, Timing.USUAL);
    looking.beats.shutdownNow();
    try {
      for (Map.Entry<String, Shown> entry : looking.list().entrySet()) {
        if (entry.getValue().held) {
          return Optional.of(looking.holder(entry.getKey()));
        }
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private void announce() throws IOException {
    try {
      write(ANNOUNCED, Holder.self().json());
    } catch (FileNotFoundException e) { // who gave it back has just removed the folder
      write(ANNOUNCED, Holder.self().json());
    }
    write(BEAT, "");
    var unused =
        beats.scheduleAtFixedRate(this::beat, timing.beat, timing.beat, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    try {
      if (files.util().exists(path(id, ANNOUNCED))) { // no traces of one that was taken for dead
        write(BEAT, "");
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot show that {} is in use: {}", run, RootCause.line(e));
    }
  }

  /** Another contender, as it was seen first. */
  private static final class Other {
    private final String beat;
    private final long seen = System.nanoTime();
    private Holder holder = Holder.of("");
    private boolean said;

    Other(String beat) {
      this.beat = beat;
    }
  }

  /** What a listing shows of a contender. */
  private static final class Shown {
    private boolean announced;
    private boolean held;
    private String beat = "";
  }

  private void awaitTurn() throws IOException {
    Map<String, Other> others = new HashMap<>();
    long start = System.nanoTime();
    while (true) {
      boolean alone = true;
      for (Map.Entry<String, Shown> entry : list().entrySet()) {
        Shown shown = entry.getValue();
        if (entry.getKey().equals(id) || !shown.announced) {
          continue;
        }
        Other other = others.get(entry.getKey());
        if (other == null) {
          other = new Other(shown.beat);
          others.put(entry.getKey(), other);
        }
        if (!other.holder.isKnown()) { // its file may have been read half-written
          other.holder = holder(entry.getKey());
        }
        alone &= isOver(entry.getKey(), shown, other, since(start));
      }
      if (alone) {
        return;
      }
      sleep();
    }
  }

  /**
   * Whether another contender is out of the way.
   *
   * @param waited milliseconds since this one began to ask
   */
  private boolean isOver(String theirs, Shown shown, Other other, long waited) throws IOException {
    Holder.Life life = other.holder.life();
    boolean silent = life == Holder.Life.UNKNOWN && shown.beat.equals(other.beat);
    if (life == Holder.Life.IS_GONE || (silent && since(other.seen) > timing.silence)) {
      LOG.warn("{} was left behind by {}", run, other.holder);
      remove(theirs);
      return true;
    }
    if (silent && !other.said) {
      LOG.info("{} was in use by {}; waiting for a sign of life", run, other.holder);
      other.said = true;
    }
    if (!silent && (shown.held || theirs.compareTo(id) < 0 || waited > timing.patience)) {
      throw new IOException("it is in use by " + other.holder);
    }
    return false;
  }

  private static long since(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private void sleep() throws IOException {
    try {
      Thread.sleep(Math.max(1, timing.beat / 50));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for its lock", e);
    }
  }

  /** Contenders by their ids. */
  private Map<String, Shown> list() throws IOException {
    Map<String, Shown> contenders = new TreeMap<>();
    RemoteIterator<FileStatus> entries = files.listStatus(folder);
    while (entries.hasNext()) {
      FileStatus file = entries.next();
      String name = file.getPath().getName();
      int dot = name.lastIndexOf('.');
      if (dot <= 0) {
        continue;
      }
      Shown shown = contenders.computeIfAbsent(name.substring(0, dot), each -> new Shown());
      switch (name.substring(dot)) {
        case ANNOUNCED -> shown.announced = true;
        case HELD -> shown.held = true;
        case BEAT -> shown.beat = file.getModificationTime() + " " + file.getLen();
        default -> {}
      }
    }
    return contenders;
  }

  private Holder holder(String theirs) throws IOException {
    try (var in = files.open(path(theirs, ANNOUNCED))) {
      return Holder.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Holder.of(""); // withdrawn since it was listed
    } catch (IOException e) {
      LOG.info("Cannot read who uses {}: {}", run, RootCause.line(e));
      return Holder.of("");
    }
  }

  private void write(String ending, String text) throws IOException {
    EnumSet<CreateFlag> replace = EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE);
    try (OutputStream out =
        files.create(path(id, ending), replace, Options.CreateOpts.createParent())) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Path path(String contender, String ending) {
    return new Path(folder, contender + ending);
  }

  private void remove(String contender) throws IOException {
    for (String ending : new String[] {HELD, BEAT, ANNOUNCED}) {
      files.delete(path(contender, ending), false);
    }
  }

  /**
   * Makes sure that the lock is still held.
   *
   * @throws IOException if another program has taken this one for dead
   */
  void check() throws IOException {
    if (!files.util().exists(path(id, ANNOUNCED))) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "this program gave no sign of life for more than %d s, and another one may be at work",
              timing.silence / 1000));
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    beats.shutdownNow();
    try {
      // a beat that has begun ends first, and leaves nothing behind
      boolean unused = beats.awaitTermination(timing.beat, TimeUnit.MILLISECONDS);
      remove(id);
      boolean unusedToo = files.delete(folder, false); // unless another one is asking
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot remove the lock of {}: {}", run, RootCause.line(e)); // others are there
    }
  }
}
