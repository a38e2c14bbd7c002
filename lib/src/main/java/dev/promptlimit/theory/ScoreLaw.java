package dev.promptlimit.theory;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.Lanes;
import dev.promptlimit.kernel.SoftmaxSums;
import org.hipparchus.util.FastMath;

/*
 * Trapezoid rule in g ~ N(0,1). With u = e^{sg − s²/2} and w = τu the terms of weight w^k e^{−w} have
 * the log ψ_k(g) = −g²/2 + k ln w − w, which is concave: sums run over the window where ψ_1 (left end)
 * and ψ_4 (right end) are within e^{−42} of their maxima. Left of it e^{−w} is 1; right of it, where w
 * ended it, 0.
 *
 * a(1, q) has E[uq] = 0 for q = h and q = h² − 1, so it is also E[wq(e^{−w} − 1)], which does not
 * cancel while τ is small; of the two sums the one with the smaller absolute terms is taken.
 *
 * The exponentials are nearly all of the time: Kernels gives them by the row, to an ulp.
 */
/**
 * What the universal functions need to know of the score of one token, for one score standard
 * deviation s, whatever the prompt length.
 *
 * <p>The weight of a token before softmax divides is u = e^{sg − s²/2}, g ~ N(0,1), E u = 1. At the
 * nodes λ = ln τ of a grid this class keeps, with w = τu and h = g − s,
 *
 * <pre>
 *   φ = E e^{−w},   a(k, q) = E[w^k q(g) e^{−w}]:
 *   z = a(1,1),  c = a(1,h)/z,  x = h − c,  y = x² − 1,
 *   a(1,y),  a(2,x^j) for j ≤ 4,  a(3,x^j) for j ≤ 2,  a(4,1)
 * </pre>
 *
 * twice: with step h_g in g, and at every other node with step 2h_g.
 *
 * <p>The step s h_g ≤ 0.16 leaves e^{−π²/0.16}, that with the double step e^{−π²/0.32} = 4e-14. In
 * λ the integrands are like t⁴e^{−t}, whose transform is |Γ(4 + iy)|: the step 0.11 leaves e^{−80},
 * the double one, y = 2π/0.22, 4e-15. From s = {@value #FLAT} on both steps grow with s, as the
 * slope of the tail of w; what that costs, up to 1e-10 at s = 40, was measured by halving.
 */
final class ScoreLaw {
  /** Quantities at one node, in the order of {@link #row}. */
  static final int LOG_PHI = 0;

  static final int Z = 1;
  static final int C = 2;
  static final int A1Y = 3;
  static final int A2 = 4; // and the next four
  static final int A3 = 9; // and the next two
  static final int A4 = 12;
  static final int WIDTH = 13;

  private static final double SCORE_STEP = 0.16; // s h_g
  private static final double NORMAL_STEP = 0.25; // h_g
  private static final double LAMBDA_STEP = 0.11;
  private static final double FLAT = 9; // from this s on λ counts in units of s
  private static final double LOG_NEGLIGIBLE = -42;
  private static final double NORMAL_END = 13; // N(0,1) beyond it is below e^{−84}

  private static final int CHUNK = 2 * Lanes.LANES;

  private final double s;
  private final int first; // index of the first node, even: λ = index · step
  private final double step;
  private final double[][] fine;
  private final double[][] coarse; // null at odd nodes

  /**
   * @param s 0 ≤ s ≤ 1000
   * @param lnLength ln of the longest prompt that is asked for
   */
  ScoreLaw(double s, double lnLength) {
    this.s = s;
    step = LAMBDA_STEP * Math.max(1, s / FLAT);
    double top = s * s / 2 + 8.5 * s + 3.7; // w > 40, or g < −8.5, twice
    first = 2 * (int) Math.floor(lowest(s, lnLength) / (2 * step));
    int nodes = (int) Math.ceil(top / step) - first + 1;
    fine = new double[nodes][];
    coarse = new double[nodes][];
    Quadrature quadrature = new Quadrature(s, reach(lnLength));
    for (int i = 0; i < nodes; i++) {
      quadrature.moveTo((first + i) * step);
      fine[i] = quadrature.sums(1);
      coarse[i] = i % 2 == 0 ? quadrature.sums(2) : null;
    }
  }

  double s() {
    return s;
  }

  int nodes() {
    return fine.length;
  }

  /** Distance of neighbouring nodes in λ. */
  double step() {
    return step;
  }

  /** The quantities at node i, with step h_g. */
  double[] row(int i) {
    return fine[i];
  }

  /** The quantities at node i, an even number, with step 2h_g. */
  double[] coarseRow(int i) {
    return coarse[i];
  }

  /** Beyond this g none of L tokens lies, with probability e^{−38} of all that counts. */
  private static double reach(double lnLength) {
    return FastMath.sqrt(2 * (3 * lnLength + 38));
  }

  /**
   * The λ below which L a(k,·) is below e^{−38} L^{1−k}, for k = 2 and 4 (L^{1−k} bounds E Σw^k
   * from below). The k-th moment of τu comes from g = ks, if that is in front of the point w = 1,
   * else from that point.
   */
  private static double lowest(double s, double lnLength) {
    double lowest = Double.POSITIVE_INFINITY;
    for (int k = 2; k <= 4; k += 2) {
      double n = (k == 2 ? 2 : 3) * lnLength + 38;
      double point = FastMath.sqrt(2 * n);
      lowest =
          Math.min(
              lowest, point < k * s ? s * s / 2 - s * point : -(n + (k * k - k) * s * s / 2) / k);
    }
    return lowest;
  }

  /** The sums over g at one λ after the other, in rising order. */
  private static final class Quadrature {
    private final double s;
    private final int n;
    private final double[] g;
    private final double[] weight; // h_g times the density of N(0,1)
    private final boolean whole; // the grid holds all of N(s,1) and N(2s,1)
    private final Tails[] tails; // of every node, and of even nodes
    private final double[] x; // ln w
    private final double[] w;
    private final double[] decay; // e^{−w}
    private final double[] loss; // e^{−w} − 1
    private double lambda;
    private int peak;
    private int from;
    private int to;

    Quadrature(double s, double reach) {
      this.s = s;
      double hg = s * NORMAL_STEP > SCORE_STEP ? SCORE_STEP / s : NORMAL_STEP;
      double edge = reach + 1 + 7 / Math.max(s, 1);
      whole = s < edge;
      double end = whole ? Math.min(NORMAL_END + 4 * s, Math.max(NORMAL_END + 2 * s, edge)) : edge;
      int low = 2 * (int) Math.ceil(NORMAL_END / (2 * hg)); // even, so that even nodes include 0
      n = low + (int) Math.ceil(end / hg) + 1;
      g = new double[n];
      weight = new double[n];
      x = new double[n + CHUNK];
      w = new double[n + CHUNK];
      decay = new double[n + CHUNK];
      loss = new double[n];
      double unit = hg / FastMath.sqrt(2 * Math.PI);
      for (int j = 0; j < n; j++) {
        g[j] = (j - low) * hg;
        weight[j] = unit * FastMath.exp(-g[j] * g[j] / 2);
      }
      tails = new Tails[] {new Tails(1), new Tails(2)};
      peak = n - 1;
    }

    /** Sums over all nodes of one stride beyond a node. */
    private final class Tails {
      final double[] below = new double[n]; // mass of nodes before j
      final double[] above = new double[n]; // mass of nodes after j
      final double[][] tilted =
          new double[4][whole ? n : 0]; // after j, N(s,1): q, |q|, q = h, h² − 1

      Tails(int stride) {
        for (int j = 1; j < n; j++) {
          below[j] = below[j - 1] + ((j - 1) % stride == 0 ? stride * weight[j - 1] : 0);
        }
        double unit = stride * (g[1] - g[0]) / FastMath.sqrt(2 * Math.PI);
        for (int j = n - 2; j >= 0; j--) {
          boolean counts = (j + 1) % stride == 0;
          above[j] = above[j + 1] + (counts ? stride * weight[j + 1] : 0);
          if (whole) {
            double h = g[j + 1] - s;
            double density = counts ? unit * FastMath.exp(-h * h / 2) : 0;
            tilted[0][j] = tilted[0][j + 1] + density * h;
            tilted[1][j] = tilted[1][j + 1] + density * Math.abs(h);
            tilted[2][j] = tilted[2][j + 1] + density * (h * h - 1);
            tilted[3][j] = tilted[3][j + 1] + density * Math.abs(h * h - 1);
          }
        }
      }
    }

    private double lnW(int j) {
      return lambda + s * (g[j] - s / 2);
    }

    private double psi(int k, int j) {
      double x = lnW(j);
      return -g[j] * g[j] / 2 + k * x - (x > 40 ? Double.POSITIVE_INFINITY : FastMath.exp(x));
    }

    /** Goes to the next λ and computes the terms in its window. */
    void moveTo(double next) {
      lambda = next;
      while (peak > 0 && psi(1, peak - 1) >= psi(1, peak)) {
        peak--;
      }
      double top = psi(1, peak);
      from = peak;
      while (from > 0 && -g[from] * g[from] / 2 + lnW(from) > top + LOG_NEGLIGIBLE) {
        from--;
      }
      to = from;
      double highest = Double.NEGATIVE_INFINITY;
      for (boolean inside = true; inside && to < n; ) {
        if ((to - from) % CHUNK == 0) {
          weights(to);
        }
        double psi = -g[to] * g[to] / 2 + 4 * x[to] - w[to];
        inside = psi >= highest + LOG_NEGLIGIBLE || to <= peak;
        highest = Math.max(highest, psi);
        to += inside ? 1 : 0;
      }
      int rows = (to - from + CHUNK - 1) / CHUNK * CHUNK;
      Kernels.exp2Minus(w, from, -SoftmaxSums.BITS, 0, decay, from, rows);
      for (int j = from; j < to; j++) {
        loss[j] = w[j] < 0.7 ? loss(w[j], decay[j]) : decay[j] - 1;
      }
    }

    /** The next w; beyond e^40 none of them counts. */
    private void weights(int start) {
      for (int j = start; j < start + CHUNK; j++) {
        x[j] = j < n ? Math.max(-690, Math.min(40, lnW(j))) : 40;
      }
      Kernels.exp2(x, start, SoftmaxSums.BITS, w, start, CHUNK);
    }

    /** e^{−w} − 1 = −2e^{−w/2} sinh(w/2), the series of sinh to (w/2)^13: 1e-18 of it is left. */
    private static double loss(double w, double decay) {
      double y = w * w / 4;
      double sinh = 1 / 6227020800.0;
      sinh = sinh * y + 1 / 39916800.0;
      sinh = sinh * y + 1 / 362880.0;
      sinh = sinh * y + 1 / 5040.0;
      sinh = sinh * y + 1 / 120.0;
      sinh = sinh * y + 1 / 6.0;
      return -w * Math.sqrt(decay) * (1 + sinh * y);
    }

    /** All quantities of one node by every stride-th g. */
    double[] sums(int stride) {
      Tails tail = tails[stride - 1];
      int start = from + from % stride;
      double lost = 0;
      double kept = 0;
      double z = 0;
      double plainH = 0;
      double plainHAbsolute = 0;
      double plainY = 0;
      double plainYAbsolute = 0;
      double lossH = 0;
      double lossHAbsolute = 0;
      double lossY = 0;
      double lossYAbsolute = 0;
      for (int j = start; j < to; j += stride) {
        double h = g[j] - s;
        double q = h * h - 1;
        double mass = stride * weight[j];
        double a = mass * w[j] * decay[j];
        double b = mass * w[j] * loss[j];
        lost -= mass * loss[j];
        kept += mass * decay[j];
        z += a;
        plainH += a * h;
        plainHAbsolute += a * Math.abs(h);
        plainY += a * q;
        plainYAbsolute += a * Math.abs(q);
        lossH += b * h;
        lossHAbsolute -= b * Math.abs(h);
        lossY += b * q;
        lossYAbsolute -= b * Math.abs(q);
      }
      double a1h = plainH;
      double a1y = plainY;
      int last = to - 1;
      boolean cut = w[last] > 1; // else the window ends where N(0,1) does
      if (whole) {
        double tau = cut ? FastMath.exp(lambda) : 0;
        if (lossHAbsolute + tau * tail.tilted[1][last] < plainHAbsolute) {
          a1h = lossH - tau * tail.tilted[0][last];
        }
        if (lossYAbsolute + tau * tail.tilted[3][last] < plainYAbsolute) {
          a1y = lossY - tau * tail.tilted[2][last];
        }
      }
      double[] row = new double[WIDTH];
      lost += cut ? tail.above[last] : 0;
      kept += tail.below[from];
      row[LOG_PHI] = lost < 0.5 ? FastMath.log1p(-lost) : FastMath.log(kept);
      row[Z] = z;
      double c = a1h / z;
      row[C] = c;
      row[A1Y] = a1y - c * c * z;
      for (int j = start; j < to; j += stride) {
        double x = g[j] - s - c;
        double a = stride * weight[j] * w[j] * w[j] * decay[j];
        double b = a;
        for (int power = 0; power <= 4; power++) {
          row[A2 + power] += b;
          b *= x;
        }
        a *= w[j];
        row[A3] += a;
        row[A3 + 1] += a * x;
        row[A3 + 2] += a * x * x;
        row[A4] += a * w[j];
      }
      return row;
    }
  }
}
