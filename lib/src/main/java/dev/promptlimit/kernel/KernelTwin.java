package dev.promptlimit.kernel;

/**
 * The inner loops, twice: {@link ScalarTwin} in plain Java and {@code VectorTwin} with the Vector
 * API give equal bits. Arguments are as {@link Kernels} says and have been checked there.
 */
interface KernelTwin {
  /** What runs, for people. */
  String description();

  /** Whether the compiler has been told not to copy kernels into callers, where that matters. */
  boolean compiledAlone();

  void words(long[] state, long[] out, int n);

  void tabulated(long[] state, double[] widths, int[] scratch, double[] out, int from, int n);

  void uniforms(long[] words, double width, double[] out, int from, int n);

  void signs(long[] words, double size, double[] out, int from, int n);

  int countBelow(long[] words, long bound, int n);

  void exp2(double[] x, int xFrom, double scale, double[] y, int yFrom, int n);

  void exp2Minus(double[] x, int xFrom, double scale, double shift, double[] y, int yFrom, int n);

  double max(double[] x, int from, int n);

  void combine(
      double bias,
      double[] a,
      int aFrom,
      int k,
      double[] x,
      int xFrom,
      int stride,
      double[] out,
      int outFrom,
      int n);

  void addScaled(double a, double[] x, int xFrom, double[] t, int tFrom, int n);

  void normalise(double[] x, int stride, int k, double radius, int n);

  void multiply(double[] y, int yFrom, double[] x, int xFrom, double[] out, int outFrom, int n);

  void moments1(double[] y, int yFrom, double[] x, double[] lanes, int n);

  void moments2(double[] y, int yFrom, double[] x, int stride, double[] lanes, int n);

  void weighted(double[] y, int yFrom, double[] x, int stride, int k, double[] lanes, int n);

  void tile(
      double[] y,
      int yFrom,
      double[] x,
      int iFrom,
      int jFrom,
      int stride,
      double[] lanes,
      int to,
      int n);
}
