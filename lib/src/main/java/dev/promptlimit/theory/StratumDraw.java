package dev.promptlimit.theory;

import dev.promptlimit.attention.PromptSampler;
import dev.promptlimit.attention.QueryDraw;
import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.random.UniformStream;
import java.util.Arrays;

/**
 * Draws queries z = m + Gξ with r = Σ κ_i(ξ_i + ν_i)² in (low, high], by rejection from the law
 * tilted by e^{θr}; see {@link QueryStrata}.
 */
final class StratumDraw implements QueryDraw {
  private final double[] mean;
  private final ColumnMatrix basis;
  private final double[] kappa;
  private final double[] nu;
  private final double low;
  private final double high;
  private final double theta;
  private final double[] scale; // of ξ_i under the tilt
  private final double[] shift;
  private final int[] tilted; // the i with κ_i > 0
  private final double[] normal;
  private final double[] xi;
  private final double[] uniform = new double[1];
  private UniformStream uniforms;

  StratumDraw(ScoreForm form, double low, double high, double theta) {
    int d = form.mean().length;
    mean = form.mean();
    basis = ColumnMatrix.of(form.basis());
    kappa = form.kappa();
    nu = form.nu();
    this.low = low;
    this.high = high;
    this.theta = theta;
    scale = new double[d];
    shift = new double[d];
    int[] indices = new int[d];
    int n = 0;
    for (int i = 0; i < d; i++) {
      double x = (1 - kappa[i]) + kappa[i] * (1 - 2 * theta);
      scale[i] = 1 / Math.sqrt(x);
      shift[i] = 2 * theta * kappa[i] * nu[i] / x;
      if (kappa[i] > 0) {
        indices[n++] = i;
      }
    }
    tilted = Arrays.copyOf(indices, n);
    normal = new double[d];
    xi = new double[d];
  }

  @Override
  public void begin(StreamKey block) {
    uniforms = new UniformStream(block.withSubstream(PromptSampler.QUERIES), 0.5);
  }

  @Override
  public void next(NormalStream normals, double[] z) {
    double r;
    do {
      r = propose(normals);
    } while (!taken(r));
    int rest = xi.length - tilted.length;
    normals.fill(normal, 0, rest);
    for (int i = 0, n = 0; i < xi.length; i++) {
      if (kappa[i] == 0) {
        xi[i] = normal[n++];
      }
    }
    basis.multiply(xi, 0, z, 0);
    for (int i = 0; i < z.length; i++) {
      z[i] += mean[i];
    }
  }

  /** Draws the ξ_i that count under the tilt; returns r. */
  private double propose(NormalStream normals) {
    normals.fill(normal, 0, tilted.length);
    double r = 0;
    for (int n = 0; n < tilted.length; n++) {
      int i = tilted[n];
      xi[i] = shift[i] + scale[i] * normal[n];
      double distance = xi[i] + nu[i];
      r += kappa[i] * (distance * distance);
    }
    return r;
  }

  private boolean taken(double r) {
    if (!(r > low && r <= high)) {
      return false;
    }
    uniforms.fill(uniform, 0, 1);
    return theta == 0 || uniform[0] + 0.5 < StrictMath.exp(-theta * (r - low));
  }
}
