package dev.promptlimit.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.promptlimit.jobs.TestSpark;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, checksums and permissions are those of Hadoop's own local file system. */
class LocalFilesTest {
  @TempDir private java.nio.file.Path directory;

  private static Configuration configuration(String umask, boolean ours) {
    Configuration conf = new Configuration();
    conf.set("fs.permissions.umask-mode", umask);
    if (ours) {
      LocalFiles.settings()
          .forEach((key, value) -> conf.set(key.substring("spark.hadoop.".length()), value));
    }
    return conf;
  }

  /** Everything below, with permissions and bytes. */
  private static SortedMap<String, String> listing(java.nio.file.Path root) throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (Stream<java.nio.file.Path> paths = Files.walk(root)) {
      for (java.nio.file.Path path : (Iterable<java.nio.file.Path>) paths::iterator) {
        String content =
            Files.isDirectory(path)
                ? "/"
                : new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        String mode = Integer.toOctalString((Integer) Files.getAttribute(path, "unix:mode"));
        all.put(root.relativize(path).toString(), mode + " " + content);
      }
    }
    return all;
  }

  private static void write(FSDataOutputStream out, String text) throws IOException {
    try (out) {
      out.writeUTF(text);
    }
  }

  /** What a run does with files, and what it is refused. */
  private static SortedMap<String, String> work(java.nio.file.Path root, Configuration conf)
      throws IOException {
    Path base = new Path(Files.createDirectory(root).toUri());
    FileContext context = FileContext.getFileContext(base.toUri(), conf);
    Path staged = new Path(base, "a/b/staged file");
    context.mkdir(staged.getParent(), null, true);
    write(context.create(staged, EnumSet.of(CreateFlag.CREATE)), "first");
    context.rename(staged, new Path(base, "named"), Options.Rename.NONE);
    write(context.create(staged, EnumSet.of(CreateFlag.CREATE)), "second");
    assertThatThrownBy(() -> context.rename(staged, new Path(base, "named"), Options.Rename.NONE))
        .isInstanceOf(FileAlreadyExistsException.class);
    context.rename(staged, new Path(base, "named"), Options.Rename.OVERWRITE);
    assertThatThrownBy(() -> context.getFileLinkStatus(staged))
        .isInstanceOf(FileNotFoundException.class);
    context.rename(new Path(base, "a"), new Path(base, "c"), Options.Rename.NONE);
    try (FileSystem files = FileSystem.newInstance(base.toUri(), conf)) {
      Path table = new Path(base, "tables/part");
      write(files.create(table), "third");
      files.setPermission(table, new FsPermission("640"));
      files.mkdirs(new Path(base, "shared"));
      files.setPermission(new Path(base, "shared"), new FsPermission("1777"));
      assertThat(files.rename(table, new Path(base, "tables/whole"))).isTrue();
    }
    return listing(root);
  }

  @ParameterizedTest
  @ValueSource(strings = {"022", "077", "000"})
  void leavesWhatHadoopLeaves(String umask) throws IOException {
    SortedMap<String, String> ours = work(directory.resolve("ours"), configuration(umask, true));
    assertThat(ours)
        .isEqualTo(work(directory.resolve("hadoop"), configuration(umask, false)))
        .containsKeys("named", ".named.crc", "c/b", "tables/whole", "tables/.whole.crc", "shared");
  }

  /** A directory that is a link to another disk is as good as any, to Hadoop as to us. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void followsLinks(boolean ours) throws IOException {
    java.nio.file.Path disk = Files.createDirectory(directory.resolve("disk"));
    Path link = new Path(Files.createSymbolicLink(directory.resolve("link"), disk).toUri());
    FileContext context = FileContext.getFileContext(link.toUri(), configuration("022", ours));
    write(context.create(new Path(link, "file"), EnumSet.of(CreateFlag.CREATE)), "text");
    context.rename(new Path(link, "file"), new Path(link, "other"), Options.Rename.NONE);
    assertThat(disk.resolve("other")).exists();
    assertThat(context.getFileLinkStatus(link).isDirectory()).isTrue();
    assertThat(context.getFileLinkStatus(link).isSymlink()).isFalse();
  }

  /** Processes that this JVM starts. */
  private List<String> processes(String umask, boolean ours) throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      work(directory.resolve("work"), configuration(umask, ours));
      recording.stop();
      java.nio.file.Path file = directory.resolve("recording.jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .map(event -> event.getString("command"))
          .filter(command -> command.contains(directory.toString()))
          .toList();
    }
  }

  /** But for the sticky bit, which Java cannot set. */
  @Test
  void startsNoProcess() throws IOException {
    assertThat(processes("022", true)).hasSize(1).first().asString().startsWith("chmod 1777 ");
  }

  /** What the test before would see; once Hadoop starts none itself, there is no use for ours. */
  @Test
  void hadoopStartsSome() throws IOException {
    assertThat(processes("022", false)).isNotEmpty();
  }

  /** In local mode it is what Spark and we write with. */
  @Test
  void sessionsUseIt() throws IOException {
    Configuration conf = TestSpark.session().sparkContext().hadoopConfiguration();
    assertThat(
            List.of(
                FileSystem.getFileSystemClass("file", conf),
                FileContext.getFileContext(directory.toUri(), conf)
                    .getDefaultFileSystem()
                    .getClass()))
        .containsExactly(LocalFiles.WithChecksums.class, LocalFiles.ForFileContext.class);
  }
}
