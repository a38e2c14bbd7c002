package dev.promptlimit.random;

/**
 * Independent numbers of density e^{−|x|/b} / 2b (Laplace).
 *
 * <p>Exactly b (N₁N₂ + N₃N₄) of four independent standard normals: N₁N₂ has the moment generating
 * function (1 − t²)^{−1/2}, the sum of two such 1/(1 − t²).
 */
public final class LaplaceStream extends NumberStream {
  /** No number is larger in size, for b = 1. */
  public static final double LARGEST =
      2 * NormalStream.LARGEST * NormalStream.LARGEST * (1 + 0x1p-50); // rounded

  private static final int PAGE = 512;

  private final NormalStream normals;
  private final double b;
  private final double[] four = new double[4 * PAGE];

  /** Starts the stream of that name; b is finite and &gt; 0. */
  public LaplaceStream(StreamKey key, double b) {
    super(PAGE);
    normals = new NormalStream(key);
    this.b = b;
  }

  @Override
  void page(double[] out, int from) {
    normals.fill(four, 0, four.length);
    for (int i = 0; i < PAGE; i++) {
      double product = four[2 * PAGE + i] * four[3 * PAGE + i];
      out[from + i] = b * Math.fma(four[i], four[PAGE + i], product);
    }
  }
}
