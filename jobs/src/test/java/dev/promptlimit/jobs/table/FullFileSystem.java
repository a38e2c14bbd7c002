package dev.promptlimit.jobs.table;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/** The local disk as {@code full:/…}, with as much space left as a test says. */
public final class FullFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("full:///");
  private static final AtomicLong SPACE = new AtomicLong(Long.MAX_VALUE);

  /** Makes the scheme known; system properties named spark.hadoop.* reach Hadoop through Spark. */
  public static void register() {
    System.setProperty("spark.hadoop.fs.full.impl", FullFileSystem.class.getName());
    System.setProperty(
        "spark.hadoop.fs.AbstractFileSystem.full.impl", ForFileContext.class.getName());
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
