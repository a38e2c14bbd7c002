package dev.promptlimit.regression;

import dev.promptlimit.theory.UniversalFunctions;

/**
 * F, G, phi3, phi4 and F′ by a plain transcription of the set-partition formula, for tests alone
 * and with its own code: for S_i = Σ_l y_l^{k_i} q_i(g_l), y = e^{sg − s²/2}/L, Z = Σ y, n = Σ k_i,
 * E Π S_i / Z^n is the integral over t of t^{n−1}/(n−1)! times a sum over partitions of the
 * factors. Trapezoid rule; good to about 1e-12 for s ≤ 4, L ≤ 1e6.
 */
final class QuadratureFunctions {
  private final double s;
  private final double length;
  private final double step;
  private final int points;
  private final double[] weight; // of the normal law
  private final double[] g;
  private final double[] y;

  private QuadratureFunctions(double s, double length) {
    this.s = s;
    this.length = length;
    step = Math.min(0.25, 0.2 / s);
    points = (int) Math.ceil((26 + 4 * s) / step) + 1;
    weight = new double[points];
    g = new double[points];
    y = new double[points];
    for (int i = 0; i < points; i++) {
      g[i] = -13 + i * step;
      weight[i] = step * Math.exp(-0.5 * g[i] * g[i]) / Math.sqrt(2 * Math.PI);
      y[i] = Math.exp(s * g[i] - 0.5 * s * s) / length;
    }
  }

  static UniversalFunctions of(double s, double length) {
    return new QuadratureFunctions(s, length).functions();
  }

  private UniversalFunctions functions() {
    double f = 0;
    double g2 = 0;
    double w3 = 0;
    double phi4 = 0;
    double xy = 0; // E XY
    double xxx = 0; // E X³
    double lambda = 0.2;
    double from = -45 - Math.max(0, s * Math.sqrt(2 * Math.log(length) + 70));
    double to = Math.max(10, 8 * s + s * s / 2 + 6);
    for (double ln = from; ln <= to; ln += lambda) {
      double t = Math.exp(ln);
      double tail = 0; // 1 − φ
      double[][] a = new double[5][4]; // a[k][m] = E (ty)^k (g − s)^m e^{−ty}
      double a1y = 0; // E ty ((g − s)² − 1) e^{−ty}
      double a2y = 0; // E (ty)² (g − s)((g − s)² − 1) e^{−ty}
      for (int i = 0; i < points; i++) {
        double ty = t * y[i];
        double lnTy = Math.log(ty);
        double h = g[i] - s;
        tail -= weight[i] * Math.expm1(-ty);
        for (int k = 1; k <= 4; k++) {
          double base = weight[i] * Math.exp(k * lnTy - ty);
          for (int m = 0; m < 4; m++, base *= h) {
            a[k][m] += base;
          }
        }
        a1y += weight[i] * Math.exp(lnTy - ty) * (h * h - 1);
        a2y += weight[i] * Math.exp(2 * lnTy - ty) * h * (h * h - 1);
      }
      double logPhi = Math.log1p(-Math.min(tail, 1 - 1e-16));
      double one = lambda * length * Math.exp((length - 1) * logPhi);
      double two =
          length < 2 ? 0 : lambda * length * (length - 1) * Math.exp((length - 2) * logPhi);
      double three =
          length < 3
              ? 0
              : lambda * length * (length - 1) * (length - 2) * Math.exp((length - 3) * logPhi);
      f += one * a[2][2] + two * a[1][1] * a[1][1];
      g2 += one * a[2][0];
      w3 += 0.5 * one * a[3][0];
      phi4 += (one * a[4][0] + two * a[2][0] * a[2][0]) / 6;
      xy += one * a2y + two * a[1][1] * a1y;
      xxx +=
          0.5 * (one * a[3][3] + 3 * two * a[2][2] * a[1][1] + three * a[1][1] * a[1][1] * a[1][1]);
    }
    double nan = Double.NaN;
    return new UniversalFunctions(
        s, length, f, g2, nan, nan, g2 - 2 * w3 + phi4, phi4, nan, 2 * (xy - xxx));
  }
}
