package dev.promptlimit.random;

import org.hipparchus.util.FastMath;

/**
 * Independent numbers of Student's t law with ν degrees of freedom.
 *
 * <p>√(ν (U^{−2/ν} − 1)) cos 2πV of uniform U and V (R. W. Bailey, Math. Comp. 62, 1994: as the
 * method of Box and Muller, of which it is the extension, exact for every real ν &gt; 0). One
 * number takes two words, of 53 bits each; sizes beyond {@value #LARGEST}, which only ν below 0.11
 * can give, are cut there.
 */
public final class StudentTStream extends NumberStream {
  /** No number is larger in size: squares stay finite. */
  public static final double LARGEST = 1e150;

  private static final int PAGE = 512;

  private final WordStream words;
  private final double nu;
  private final long[] pageWords = new long[2 * PAGE];

  /** Starts the stream of that name; ν is finite and &gt; 0. */
  public StudentTStream(StreamKey key, double nu) {
    super(PAGE);
    words = new WordStream(key);
    this.nu = nu;
  }

  @Override
  void page(double[] out, int from) {
    words.fill(pageWords, pageWords.length);
    for (int i = 0; i < PAGE; i++) {
      double u = ((pageWords[i] >>> 11) + 1) * 0x1p-53; // > 0
      double v = (pageWords[PAGE + i] >>> 11) * 0x1p-53;
      double square = nu * FastMath.expm1(-2 / nu * FastMath.log(u));
      double size = Math.min(Math.sqrt(square), LARGEST);
      out[from + i] = size * FastMath.cos(2 * FastMath.PI * v);
    }
  }
}
