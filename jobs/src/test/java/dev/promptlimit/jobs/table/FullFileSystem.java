package dev.promptlimit.jobs.table;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** The local disk as {@code full:/…}, with as much space left as a test says, or read-only. */
public final class FullFileSystem extends LocalFiles {
  private static final URI NAME = URI.create("full:///");
  private static final AtomicLong SPACE = new AtomicLong(Long.MAX_VALUE);
  private static final AtomicBoolean READ_ONLY = new AtomicBoolean();

  /** Makes the scheme known; system properties named spark.hadoop.* reach Hadoop through Spark. */
  public static void register() {
    System.setProperty("spark.hadoop.fs.full.impl", FullFileSystem.class.getName());
    System.setProperty(
        "spark.hadoop.fs.AbstractFileSystem.full.impl", ForFileContext.class.getName());
  }

  /** Lets nothing be written, or everything again. */
  public static void readOnly(boolean yes) {
    READ_ONLY.set(yes);
  }

  private static void requireWritable() throws IOException {
    if (READ_ONLY.get()) {
      throw new IOException("Read-only file system");
    }
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    requireWritable();
    return super.mkdirs(path);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    requireWritable();
    return super.rename(from, to);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    requireWritable();
    return super.delete(path, recursive);
  }

  /** Leaves so many bytes. */
  public static void leave(long bytes) {
    SPACE.set(bytes);
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public String getScheme() {
    return NAME.getScheme();
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      Path file, boolean append, FsPermission permission) throws IOException {
    requireWritable();
    return new Limited(super.createOutputStreamWithMode(file, append, permission));
  }

  private static final class Limited extends FilterOutputStream {
    Limited(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      take(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      take(length);
      out.write(bytes, offset, length);
    }

    private static void take(int length) throws IOException {
      if (SPACE.addAndGet(-length) < 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  /** The same for Hadoop's newer interface, whose renames are atomic. */
  public static final class ForFileContext extends DelegateToFileSystem {
    /** Called by Hadoop. */
    public ForFileContext(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(uri, new FullFileSystem(), conf, "full", false);
    }
  }
}
