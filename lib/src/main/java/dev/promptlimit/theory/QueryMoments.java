package dev.promptlimit.theory;

import org.hipparchus.complex.Complex;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/*
 * z = m + Gξ. Under the law tilted by e^{θr}, r = Σ κ_i(ξ_i + ν_i)² + const, the ξ_i are independent
 * normals of variance s_i = 1/x_i, x_i = 1 − 2θκ_i, and mean μ_i = 2θκ_iν_i/x_i. Products of quadratic forms have
 * the joint cumulants (A. M. Mathai, S. B. Provost, Quadratic forms in random variables, 1992, section
 * 3.2), with A for GᵀAG and a = GᵀA(m + Gμ):
 *
 *   κ(A)     = tr AS + z̄ᵀAz̄
 *   κ(A,B)   = 2 tr ASBS + 4 aᵀSb
 *   κ(A,B,C) = 8 tr ASBSCS + 8 (aᵀSBSc + bᵀSCSa + cᵀSASb)
 */
/**
 * Means of products of quadratic forms of a query z ~ N(m, Σ) under exponential tilts of one of
 * them, for complex tilts.
 */
final class QueryMoments {
  private final int d;
  private final double[] kappa;
  private final double[] nu;
  private final double[] mean;
  private final RealMatrix basis;
  private final boolean centred;
  private final double[] re; // s
  private final double[] im;

  /**
   * @param mean m, d entries
   * @param basis G, d × d, GGᵀ = Σ
   * @param kappa κ, d entries from 0 to 1
   * @param nu ν, d entries
   */
  QueryMoments(double[] mean, RealMatrix basis, double[] kappa, double[] nu) {
    d = mean.length;
    this.mean = mean;
    this.basis = basis;
    this.kappa = kappa;
    this.nu = nu;
    boolean zero = true;
    for (double x : mean) {
      zero &= x == 0;
    }
    centred = zero;
    re = new double[d];
    im = new double[d];
  }

  /** A quadratic form zᵀAz in these coordinates, and what is known of it at the current tilt. */
  final class Form {
    private final double[][] a; // GᵀAG
    private final double[] linear; // GᵀAm
    private final double constant; // mᵀAm
    private final Complex[] image = new Complex[d]; // GᵀA z̄
    private Complex first;

    Form(RealMatrix form) {
      a = basis.transposeMultiply(form.multiply(basis)).getData();
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) { // what is rounding of 0 would cost time
          double scale = Math.sqrt(a[i][i] * a[j][j]);
          a[i][j] = Math.abs(a[i][j]) <= 1e-15 * d * scale ? 0 : a[i][j];
        }
      }
      double[] am = form.operate(mean);
      linear = basis.preMultiply(am);
      constant = MatrixUtils.createRealVector(am).dotProduct(MatrixUtils.createRealVector(mean));
    }

    private void update(Complex[] mu) {
      double traceRe = constant;
      double traceIm = 0;
      for (int i = 0; i < d; i++) {
        traceRe += a[i][i] * re[i];
        traceIm += a[i][i] * im[i];
      }
      first = new Complex(traceRe, traceIm);
      if (!centred) {
        for (int i = 0; i < d; i++) {
          Complex sum = new Complex(linear[i]);
          for (int j = 0; j < d; j++) {
            sum = sum.add(mu[j].multiply(a[i][j]));
          }
          image[i] = sum;
          first = first.add(mu[i].multiply(sum.add(linear[i])));
        }
      }
    }

    /** Entries that are not 0. */
    int entries() {
      int count = 0;
      for (double[] row : a) {
        for (double entry : row) {
          count += entry == 0 ? 0 : 1;
        }
      }
      return count;
    }

    /** E_θ[A]. */
    Complex mean() {
      return first;
    }
  }

  /** Takes these forms to the tilt θ = (1 − p)/2. */
  void moveTo(Complex p, Form... forms) {
    Complex twice = new Complex(1 - p.getReal(), -p.getImaginary());
    Complex[] mu = new Complex[d];
    for (int i = 0; i < d; i++) {
      double x = (1 - kappa[i]) + kappa[i] * p.getReal();
      double y = kappa[i] * p.getImaginary();
      double square = x * x + y * y;
      re[i] = x / square;
      im[i] = -y / square;
      mu[i] = centred ? Complex.ZERO : twice.multiply(s(i)).multiply(kappa[i] * nu[i]);
    }
    for (Form form : forms) {
      form.update(mu);
    }
  }

  /** E_θ[AB]. */
  Complex mean(Form a, Form b) {
    return a.first.multiply(b.first).add(cumulant(a, b));
  }

  /** E_θ[ABC]. */
  Complex mean(Form a, Form b, Form c) {
    return a.first
        .multiply(b.first)
        .multiply(c.first)
        .add(a.first.multiply(cumulant(b, c)))
        .add(b.first.multiply(cumulant(a, c)))
        .add(c.first.multiply(cumulant(a, b)))
        .add(cumulant(a, b, c));
  }

  private Complex s(int i) {
    return new Complex(re[i], im[i]);
  }

  private Complex cumulant(Form a, Form b) {
    Complex total = Complex.ZERO;
    for (int i = 0; i < d; i++) {
      double sumRe = 0;
      double sumIm = 0;
      for (int j = 0; j < d; j++) {
        double product = a.a[i][j] * b.a[i][j];
        sumRe += product * re[j];
        sumIm += product * im[j];
      }
      total = total.add(s(i).multiply(new Complex(2 * sumRe, 2 * sumIm)));
      if (!centred) {
        total = total.add(s(i).multiply(4).multiply(a.image[i]).multiply(b.image[i]));
      }
    }
    return total;
  }

  private Complex cumulant(Form a, Form b, Form c) {
    Complex total = trace(a.a, b.a, c.a).multiply(8);
    if (!centred) {
      total = total.add(chain(a, b, c).add(chain(b, c, a)).add(chain(c, a, b)).multiply(8));
    }
    return total;
  }

  /** tr ASBSCS; entries of the first factor that vanish cost nothing. */
  private Complex trace(double[][] a, double[][] b, double[][] c) {
    Complex total = Complex.ZERO;
    for (int i = 0; i < d; i++) {
      double rowRe = 0; // Σ_j a_ij s_j (BSC)_ji
      double rowIm = 0;
      for (int j = 0; j < d; j++) {
        if (a[i][j] == 0) {
          continue;
        }
        double sumRe = 0;
        double sumIm = 0;
        for (int k = 0; k < d; k++) {
          double product = b[j][k] * c[i][k];
          sumRe += product * re[k];
          sumIm += product * im[k];
        }
        rowRe += a[i][j] * (re[j] * sumRe - im[j] * sumIm);
        rowIm += a[i][j] * (re[j] * sumIm + im[j] * sumRe);
      }
      total = total.add(s(i).multiply(new Complex(rowRe, rowIm)));
    }
    return total;
  }

  /** aᵀ S B S c. */
  private Complex chain(Form a, Form b, Form c) {
    Complex total = Complex.ZERO;
    for (int i = 0; i < d; i++) {
      Complex sum = Complex.ZERO;
      for (int j = 0; j < d; j++) {
        sum = sum.add(s(j).multiply(c.image[j]).multiply(b.a[i][j]));
      }
      total = total.add(s(i).multiply(a.image[i]).multiply(sum));
    }
    return total;
  }
}
