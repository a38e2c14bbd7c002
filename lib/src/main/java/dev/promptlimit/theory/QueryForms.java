package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import java.util.Locale;
import org.hipparchus.linear.RealMatrix;

/**
 * The quadratic forms in a query z that its errors are made of, for tokens N(m, Γ) and a head (U,
 * V); b = ΓUz.
 *
 * @param scoreVariance M = UᵀΓU: s² = zᵀMz
 * @param output zᵀ(VΓU)ᵀVΓUz = ‖Vb‖²
 * @param tilt zᵀ(ΓU)ᵀΓUz = ‖b‖²
 * @param cross bᵀΓVᵀVb as a symmetric form
 * @param traceOutput tr VΓVᵀ
 * @param traceGamma tr Γ
 * @param squaredVGamma ‖VΓ‖_F²
 */
record QueryForms(
    RealMatrix scoreVariance,
    RealMatrix output,
    RealMatrix tilt,
    RealMatrix cross,
    double traceOutput,
    double traceGamma,
    double squaredVGamma) {

  static QueryForms of(Gaussian tokens, Head head) {
    if (tokens.dimension() != head.dimension()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot give errors: the head has dimension %d, the tokens %d",
              head.dimension(),
              tokens.dimension()));
    }
    RealMatrix gamma = tokens.covariance().matrix();
    RealMatrix gammaU = gamma.multiply(head.u());
    RealMatrix vGamma = head.v().multiply(gamma);
    RealMatrix vGammaU = head.v().multiply(gammaU);
    return new QueryForms(
        symmetric(head.u().transposeMultiply(gammaU)),
        vGammaU.transposeMultiply(vGammaU),
        gammaU.transposeMultiply(gammaU),
        symmetric(vGamma.multiply(gammaU).transposeMultiply(vGammaU)),
        vGamma.multiplyTransposed(head.v()).getTrace(),
        gamma.getTrace(),
        vGamma.multiplyTransposed(vGamma).getTrace());
  }

  private static RealMatrix symmetric(RealMatrix a) {
    return a.add(a.transpose()).scalarMultiply(0.5);
  }
}
