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

  /**
   * E‖V(C_w − Γ)‖_F² by {@link ExactError}'s formula, or its average with densities for factors.
   *
   * @param product factor of phi1 − 4phi2 + 2phi3 + phi4 + 2phi5, pσ
   * @param mixed factor of phi2 − phi3, pT_S + σT_P
   * @param cross factor of phi2 − phi3 − phi4 − phi5, 2κ
   * @param one factor of phi3 (T_P T_S + T_PS) + phi4 T_PS, 1
   */
  double covarianceError(
      double product, double mixed, double cross, double one, UniversalFunctions at) {
    return product * (at.phi1() - 4 * at.phi2() + 2 * at.phi3() + at.phi4() + 2 * at.phi5())
        + mixed * (at.phi2() - at.phi3())
        + cross * (at.phi2() - at.phi3() - at.phi4() - at.phi5())
        + one
            * (at.phi3() * (traceOutput * traceGamma + squaredVGamma) + at.phi4() * squaredVGamma);
  }
}
