package dev.promptlimit.jobs.table;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, but for two calls for which it starts a process each where it has no
 * native library, as it mostly has not: {@code chmod} for every file it makes and {@code readlink}
 * for every name in a rename. A run of six blocks started 89 processes, and starts 4.
 *
 * <p>Of local mode only, where no other program reads the settings that name this class.
 */
public class LocalFiles extends RawLocalFileSystem {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  /** Spark settings that make it the file system of {@code file:}. */
  public static Map<String, String> settings() {
    return Map.of(
        "spark.hadoop.fs.file.impl", WithChecksums.class.getName(),
        "spark.hadoop.fs.AbstractFileSystem.file.impl", ForFileContext.class.getName());
  }

  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    if (POSIX && !permission.getStickyBit()) {
      Files.setPosixFilePermissions(
          pathToFile(path).toPath(), PosixFilePermissions.fromString(permission.toString()));
    } else {
      super.setPermission(path, permission);
    }
  }

  /**
   * Links are followed, as they are by what this overrides, whose {@code readlink} is asked for the
   * link {@code file:/…} in the directory of the process.
   */
  @Override
  public FileStatus getFileLinkStatus(Path path) throws IOException {
    return getFileStatus(path);
  }

  /** For Hadoop's {@link org.apache.hadoop.fs.FileSystem}. */
  public static final class WithChecksums extends LocalFileSystem {
    /** Called by Hadoop. */
    public WithChecksums() {
      super(new LocalFiles());
    }
  }

  /** For Hadoop's {@link org.apache.hadoop.fs.FileContext}. */
  public static final class ForFileContext extends ChecksumFs {
    /** Called by Hadoop. */
    public ForFileContext(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(new Raw(uri, conf));
    }
  }

  private static final class Raw extends DelegateToFileSystem {
    Raw(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(uri, new LocalFiles(), conf, "file", false);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }

    @Override
    public boolean isValidName(String name) {
      return true; // the operating system knows
    }
  }
}
