package dev.promptlimit.claim;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.Lapack;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.special.Gamma;
import org.hipparchus.util.FastMath;

/*
 * N(0, S) = e^{s²/2}(Fε + bη), FFᵀ = VΓVᵀ, b = VΓa, of k = rows of ε + 1 independent standard normals. Their length
 * is independent of their direction θ, so with c = e^{s²/2}‖Fθ_ε + bθ_η‖
 *
 *   P(‖N(0,S)‖ > v) = E_θ P(χ²_k > v²/c²),
 *
 * and directions are drawn with the queries. For p = 1 no direction is needed: k = 1, c = √S.
 */
/**
 * The limit law of √L · deviation for Gaussian tokens N(m, Γ): of ‖N(0, S_z)‖, z the query, a = Uz,
 *
 * <pre>
 *   output      S_z = e^{s²} (VΓVᵀ + VΓaaᵀΓVᵀ),   s² = aᵀΓa
 *   jacobian-v  the same with V = √p I
 * </pre>
 *
 * <p>(central limit theorem for self-normalised importance sampling). The law over queries is a
 * mean over some 16,000 of them drawn from the seed: accuracy 0.004, two standard errors at most.
 */
final class FluctuationLimit {
  private static final int MOST_QUERIES = 16384;
  private static final int FEWEST_QUERIES = 4096;
  private static final double MOST_OPERATIONS = 1e9;
  private static final double FROM = -10; // ln of a chi, below which its tail is 1 to 1e-4
  private static final double STEP = 1.0 / 256;

  private final double[] logScales; // multiples of STEP: an error of STEP²/8 · k/2, 3e-4 at most
  private final double[] weights; // of these, their sum 1
  private final double[] tail; // of ln χ_k, from FROM on

  /** From ln c of every query, each shared by the two multiples of the step beside it. */
  private FluctuationLimit(double[] queries, int k) {
    TreeMap<Double, Double> shares = new TreeMap<>();
    for (double logScale : queries) {
      double below = FastMath.floor(logScale / STEP);
      double part = logScale / STEP - below;
      shares.merge(below * STEP, (1 - part) / queries.length, Double::sum);
      shares.merge((below + 1) * STEP, part / queries.length, Double::sum);
    }
    logScales = shares.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    weights = shares.values().stream().mapToDouble(Double::doubleValue).toArray();
    int n = (int) ((0.5 * FastMath.log(k) + 3 - FROM) / STEP);
    tail = new double[n];
    for (int i = 0; i < n; i++) {
      tail[i] = Gamma.regularizedGammaQ(0.5 * k, 0.5 * FastMath.exp(2 * (FROM + i * STEP)));
    }
  }

  /** The limit for one metric; empty where it is not known or costs too much. */
  static Optional<FluctuationLimit> of(Setting setting, Metric metric, long seed) {
    int d = setting.dimension();
    double most = Math.min(MOST_QUERIES, MOST_OPERATIONS / (4.0 * d * d));
    if (metric == Metric.JACOBIAN_U
        || most < FEWEST_QUERIES
        || !(setting.tokens() instanceof Gaussian tokens)) {
      return Optional.empty();
    }
    RealMatrix v =
        metric == Metric.OUTPUT
            ? setting.head().v()
            : MatrixUtils.createRealIdentityMatrix(d)
                .scalarMultiply(FastMath.sqrt((double) setting.head().outputs()));
    RealMatrix gamma = tokens.covariance().matrix();
    RealMatrix u = setting.head().u();
    RealMatrix spread = setting.queries().covariance().root();
    double[] mean = setting.queries().mean();
    RealMatrix root = root(v.multiply(gamma).multiplyTransposed(v));
    int p = root.getRowDimension();
    int k = p == 1 ? 1 : p + 1;
    int n = (int) most;
    NormalStream normals = new NormalStream(new StreamKey(seed, "fluctuation limit", 0, 0));
    double[] xi = new double[d];
    double[] direction = new double[p + 1];
    double[] logScales = new double[n];
    for (int i = 0; i < n; i++) {
      normals.fill(xi, 0, d);
      normals.fill(direction, 0, p + 1);
      double[] z = add(mean, spread.operate(xi));
      double[] a = u.operate(z);
      double[] gammaA = gamma.operate(a);
      double[] b = v.operate(gammaA);
      double s2 = dot(a, gammaA);
      logScales[i] = 0.5 * s2 + FastMath.log(p == 1 ? one(root, b) : several(root, b, direction));
    }
    return Optional.of(new FluctuationLimit(logScales, k));
  }

  /** A square root of a covariance: eigenvectors times roots of eigenvalues. */
  private static RealMatrix root(RealMatrix covariance) {
    Lapack.Spectrum spectrum = Lapack.spectrum(covariance);
    RealMatrix root = spectrum.vectors().copy();
    for (int i = 0; i < root.getColumnDimension(); i++) {
      double scale = FastMath.sqrt(Math.max(0, spectrum.values().getEntry(i)));
      root.setColumnVector(i, root.getColumnVector(i).mapMultiply(scale));
    }
    return root;
  }

  private static double one(RealMatrix root, double[] b) {
    return FastMath.hypot(root.getEntry(0, 0), b[0]);
  }

  private static double several(RealMatrix root, double[] b, double[] direction) {
    int p = b.length;
    double[] image = root.operate(Arrays.copyOf(direction, p));
    for (int i = 0; i < p; i++) {
      image[i] += b[i] * direction[p];
    }
    return FastMath.sqrt(dot(image, image) / dot(direction, direction));
  }

  private static double[] add(double[] x, double[] y) {
    Arrays.setAll(y, i -> x[i] + y[i]);
    return y;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** P(‖N(0, S_z)‖ > v), v > 0. */
  double exceedance(double v) {
    double logV = FastMath.log(v);
    double sum = 0;
    for (int q = 0; q < logScales.length; q++) {
      double x = (logV - logScales[q] - FROM) / STEP;
      if (x <= 0) {
        sum += weights[q];
      } else if (x < tail.length - 1) {
        int i = (int) x;
        sum += weights[q] * (tail[i] + (x - i) * (tail[i + 1] - tail[i]));
      }
    }
    return sum;
  }
}
