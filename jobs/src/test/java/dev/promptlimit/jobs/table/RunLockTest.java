package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One writer at a time, whoever died, whatever the clock says. */
class RunLockTest {
  private static final RunLock.Timing QUICK = new RunLock.Timing(40, 500, 20_000);

  @TempDir private Path run;

  private FileContext files;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void open() throws IOException {
    files = FileContext.getLocalFSFileContext(new Configuration());
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private RunLock acquire() throws IOException {
    return RunLock.acquire(files, new org.apache.hadoop.fs.Path(run.toUri()), QUICK);
  }

  private Path file(String name) {
    return run.resolve("_lock").resolve(name);
  }

  /** What a holder leaves that was killed, or that still runs. */
  private void leave(String id, Holder holder) throws IOException {
    Files.createDirectories(run.resolve("_lock"));
    Files.writeString(file(id + ".json"), holder.json());
    Files.writeString(file(id + ".beat"), "");
    Files.writeString(file(id + ".held"), "");
  }

  private static Holder holder(String machine, long pid, String birth) {
    return new Holder(machine, pid, birth, "there", "somebody", "2026-01-01T00:00:00Z");
  }

  private static Holder elsewhere() {
    return holder("another boot", 4711, "17");
  }

  private void assertHeldByNobody() {
    assertThat(run.resolve("_lock")).doesNotExist();
  }

  @Test
  void theSecondIsToldWhoHasIt() throws IOException {
    try (RunLock lock = acquire()) {
      assertThatThrownBy(this::acquire)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "it is in use by process " + ProcessHandle.current().pid() + " of ");
      lock.check();
      assertThat(holder()).contains(Holder.self().pid());
    }
    assertHeldByNobody();
    assertThat(holder()).isEmpty();
    acquire().close();
    assertHeldByNobody();
  }

  private Optional<Long> holder() throws IOException {
    return RunLock.holder(files, new org.apache.hadoop.fs.Path(run.toUri())).map(Holder::pid);
  }

  @Test
  void aProcessThatIsGoneHoldsNothing() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    leave("a", holder(Holder.self().machine(), gone.pid(), "17"));
    acquire().close();
    assertHeldByNobody();
  }

  @Test
  void aProcessThatGotTheNumberOfOneThatIsGoneHoldsNothing() throws IOException {
    Holder self = Holder.self();
    leave("a", holder(self.machine(), self.pid(), self.birth() + "1"));
    acquire().close();
    assertHeldByNobody();
  }

  /** Dead or not is told by whether signs of life change, whatever their time is. */
  @ParameterizedTest
  @ValueSource(strings = {"1970-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "2199-01-01T00:00:00Z"})
  void anotherMachineThatIsSilentHoldsNothing(String time) throws IOException {
    leave("a", elsewhere());
    Files.setLastModifiedTime(file("a.beat"), FileTime.from(java.time.Instant.parse(time)));
    acquire().close();
    assertHeldByNobody();
  }

  /** Its clock may even run backwards. */
  @Test
  void anotherMachineThatShowsSignsOfLifeHoldsIt() throws Exception {
    leave("a", elsewhere());
    AtomicBoolean dead = new AtomicBoolean();
    Future<?> beats =
        threads.submit(
            () -> {
              for (long second = 2_000_000_000; !dead.get(); second--) {
                Files.setLastModifiedTime(file("a.beat"), FileTime.fromMillis(1000 * second));
                Thread.sleep(100);
              }
              return null;
            });
    assertThatThrownBy(this::acquire)
        .hasMessage(
            "it is in use by process 4711 of somebody on there, since 2026-01-01T00:00:00Z");
    assertThat(file("a.held")).exists();
    dead.set(true);
    beats.get();
    acquire().close();
    assertHeldByNobody();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "PAR1", "{\"pid\": \"x\"}"})
  void anAnnouncementThatCannotBeReadCountsWhileThereAreSignsOfLife(String text)
      throws IOException {
    leave("a", elsewhere());
    Files.writeString(file("a.json"), text);
    acquire().close();
    assertHeldByNobody();
  }

  @Test
  void oneThatWasTakenForDeadNotices() throws IOException {
    try (RunLock lock = acquire()) {
      lock.check();
      try (var held = Files.list(run.resolve("_lock"))) {
        for (Path each : held.toList()) {
          Files.delete(each);
        }
      }
      assertThatThrownBy(lock::check)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no sign of life for more than 0 s");
    }
    assertHeldByNobody();
  }

  /** Without the rule that one waits and the other withdraws, two often refuse each other. */
  @Test
  void neverTwoAndNeverNobody() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    int rounds = 10;
    for (int round = 0; round < rounds; round++) {
      List<Callable<Integer>> contenders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        contenders.add(
            () -> {
              try (RunLock lock = acquire()) {
                most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                Thread.sleep(100); // others are refused meanwhile
                lock.check();
                holders.decrementAndGet();
                return 1;
              } catch (IOException refused) {
                assertThat(refused).hasMessageStartingWith("it is in use by process ");
                return 0;
              }
            });
      }
      int got = 0;
      for (Future<Integer> one : threads.invokeAll(contenders)) {
        got += one.get();
      }
      assertThat(got).isPositive();
      assertThat(most).hasValue(1);
      assertHeldByNobody();
    }
  }
}
