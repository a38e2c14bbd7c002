package dev.promptlimit.regression;

import dev.promptlimit.kernel.Lanes;
import java.util.Arrays;

/*
 * a′ = s e₁ and v′ = k₁e₁ + k₂e₂ with e₁, e₂ orthonormal, by Gram-Schmidt done twice. What a prompt needs of
 * its tokens beyond their components γ = (⟨e₁,ε⟩, ⟨e₂,ε⟩) is Gaussian and orthogonal to both: two vectors
 * ζ₁, ζ₂ of standard normals with their components along e₁ and e₂ removed.
 *
 * s = 0: any e₁ serves, the first axis is taken. k₂ = 0 (or rounding): any e₂ orthogonal to e₁.
 */
/** For each prompt of a page the plane of its tilt and value, and two normal vectors beside it. */
final class PageFrame {
  private static final int PAGE = PromptPage.PAGE;

  /** What is left of v′ beside e₁ is rounding below this, relative to v′. */
  private static final double ROUNDING = 1e-14;

  private final int dimension;

  /** s = ‖a′‖. */
  final double[] s = new double[PAGE];

  /** k₁. */
  final double[] k1 = new double[PAGE];

  /** k₂. */
  final double[] k2 = new double[PAGE];

  /** e₁, d + 1 rows. */
  final double[] e1;

  /** e₂, d + 1 rows. */
  final double[] e2;

  /** ζ₁, d + 1 rows. */
  final double[] zeta1;

  /** ζ₂, d + 1 rows. */
  final double[] zeta2;

  private final double[] norm = new double[PAGE];
  private final double[] along = new double[PAGE];

  PageFrame(int dimension) {
    this.dimension = dimension;
    int rows = dimension * PAGE;
    e1 = new double[rows];
    e2 = new double[rows];
    zeta1 = new double[rows];
    zeta2 = new double[rows];
  }

  /** Computes all of it for n prompts and draws ζ₁, ζ₂. */
  void choose(PromptPage page, int n) {
    int rows = Lanes.roundUp(n);
    norm(page.tilt, s, rows);
    divide(page.tilt, s, e1, rows);
    for (int p = 0; p < rows; p++) {
      if (s[p] == 0) {
        axis(0, e1, p);
      }
    }
    norm(page.value, norm, rows);
    System.arraycopy(page.value, 0, e2, 0, e2.length);
    removeAlong(e1, e2, rows);
    System.arraycopy(along, 0, k1, 0, rows);
    removeAlong(e1, e2, rows);
    for (int p = 0; p < rows; p++) {
      k1[p] += along[p];
    }
    norm(e2, k2, rows);
    divide(e2, k2, e2, rows);
    for (int p = 0; p < rows; p++) {
      if (k2[p] <= ROUNDING * norm[p]) {
        k2[p] = 0;
        orthogonal(p);
      }
    }
    project(page, zeta1, rows);
    project(page, zeta2, rows);
  }

  private void project(PromptPage page, double[] zeta, int rows) {
    for (int i = 0; i < dimension; i++) {
      page.normals().fill(zeta, i * PAGE, rows);
    }
    removeAlong(e1, zeta, rows);
    removeAlong(e2, zeta, rows);
  }

  /** x −= ⟨e, x⟩e; the products stay in {@link #along}. */
  private void removeAlong(double[] e, double[] x, int rows) {
    Arrays.fill(along, 0, rows, 0);
    for (int i = 0; i < dimension; i++) {
      PromptPage.addProduct(e, i * PAGE, x, i * PAGE, along, 0, rows);
    }
    for (int i = 0; i < dimension; i++) {
      subtractProduct(along, e, x, i * PAGE, rows);
    }
  }

  private static void subtractProduct(double[] a, double[] e, double[] x, int from, int rows) {
    for (int p = 0; p < rows; p++) {
      x[from + p] = Math.fma(-a[p], e[from + p], x[from + p]);
    }
  }

  private void norm(double[] x, double[] norm, int rows) {
    Arrays.fill(norm, 0, rows, 0);
    for (int i = 0; i < dimension; i++) {
      PromptPage.addProduct(x, i * PAGE, x, i * PAGE, norm, 0, rows);
    }
    for (int p = 0; p < rows; p++) {
      norm[p] = Math.sqrt(norm[p]);
    }
  }

  private void divide(double[] x, double[] by, double[] out, int rows) {
    for (int i = 0; i < dimension; i++) {
      divideRow(x, by, out, i * PAGE, rows);
    }
  }

  private static void divideRow(double[] x, double[] by, double[] out, int from, int rows) {
    for (int p = 0; p < rows; p++) {
      out[from + p] = x[from + p] / by[p];
    }
  }

  private void axis(int which, double[] e, int p) {
    for (int i = 0; i < dimension; i++) {
      e[i * PAGE + p] = i == which ? 1 : 0;
    }
  }

  /** Makes e₂ of prompt p the axis that is least along e₁, less its part along it. */
  private void orthogonal(int p) {
    int least = 0;
    for (int i = 1; i < dimension; i++) {
      if (Math.abs(e1[i * PAGE + p]) < Math.abs(e1[least * PAGE + p])) {
        least = i;
      }
    }
    axis(least, e2, p);
    double part = e1[least * PAGE + p];
    double square = 0;
    for (int i = 0; i < dimension; i++) {
      e2[i * PAGE + p] -= part * e1[i * PAGE + p];
      square += e2[i * PAGE + p] * e2[i * PAGE + p];
    }
    for (int i = 0; i < dimension; i++) {
      e2[i * PAGE + p] /= Math.sqrt(square);
    }
  }
}
