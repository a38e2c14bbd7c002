package dev.promptlimit.random;

import dev.promptlimit.kernel.Elementary;

/**
 * Independent standard normals, by Box-Muller from two words each pair ({@link
 * Elementary#boxMuller}).
 *
 * <p>Normals come in pages of {@value #PAGE}: a page takes {@value #PAGE}/2 words for the radii,
 * then as many for the angles; its first half are the cosines, its second half the sines. How a
 * consumer cuts its calls does not change the sequence.
 */
public final class NormalStream {
  private static final int PAGE = 512;

  private final WordStream words;
  private final long[] radiusWords = new long[PAGE / 2];
  private final long[] angleWords = new long[PAGE / 2];
  private final double[] radius = new double[PAGE / 2];
  private final double[] cosines = new double[PAGE / 2];
  private final double[] sines = new double[PAGE / 2];
  private final double[] page = new double[PAGE];
  private int next = PAGE;

  /** Starts the stream of that name. */
  public NormalStream(StreamKey key) {
    words = new WordStream(key);
  }

  /** Writes the next n ≥ 0 normals to out[from..from+n). */
  public void fill(double[] out, int from, int n) {
    int done = 0;
    while (done < n) {
      if (next == PAGE && n - done >= PAGE) {
        page(out, from + done);
        done += PAGE;
        continue;
      }
      if (next == PAGE) {
        page(page, 0);
        next = 0;
      }
      int copied = Math.min(n - done, PAGE - next);
      System.arraycopy(page, next, out, from + done, copied);
      next += copied;
      done += copied;
    }
  }

  private void page(double[] out, int from) {
    words.fill(radiusWords, PAGE / 2);
    words.fill(angleWords, PAGE / 2);
    Elementary.boxMuller(radiusWords, angleWords, radius, cosines, sines, PAGE / 2);
    System.arraycopy(cosines, 0, out, from, PAGE / 2);
    System.arraycopy(sines, 0, out, from + PAGE / 2, PAGE / 2);
  }
}
