package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.util.Locale;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;

/**
 * The symmetric quadratic forms in a query z that its errors are made of, for tokens N(m, Γ) and a
 * head (U, V); b = ΓUz, T_S = tr Γ, T_P = tr VΓVᵀ. For {@link RandomTokens} all but the first are
 * means over Γ.
 *
 * @param scoreVariance M = UᵀΓU: s² = zᵀMz
 * @param output ‖Vb‖²
 * @param tilt ‖b‖²
 * @param left one factor of ‖Vb‖²‖b‖²
 * @param right the other
 * @param mixed T_S ‖Vb‖² + T_P ‖b‖²
 * @param cross bᵀΓVᵀVb
 * @param traceOutput T_P
 * @param traceGamma T_S
 * @param traceProduct T_P T_S
 * @param squaredVGamma ‖VΓ‖_F²
 */
public record QueryForms(
    RealMatrix scoreVariance,
    RealMatrix output,
    RealMatrix tilt,
    RealMatrix left,
    RealMatrix right,
    RealMatrix mixed,
    RealMatrix cross,
    double traceOutput,
    double traceGamma,
    double traceProduct,
    double squaredVGamma) {

  /** The forms of these tokens and a head, empty where errors are not made of such forms. */
  public static Optional<QueryForms> known(TokenMeasure tokens, Head head) {
    if (tokens instanceof Gaussian gaussian) {
      return Optional.of(of(gaussian, head));
    }
    return tokens instanceof RandomTokens random ? random.forms(head) : Optional.empty();
  }

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
    RealMatrix output = vGammaU.transposeMultiply(vGammaU);
    RealMatrix tilt = gammaU.transposeMultiply(gammaU);
    double traceOutput = vGamma.multiplyTransposed(head.v()).getTrace();
    double traceGamma = gamma.getTrace();
    return new QueryForms(
        QuerySpectrum.symmetric(head.u().transposeMultiply(gammaU)),
        output,
        tilt,
        output,
        tilt,
        output.scalarMultiply(traceGamma).add(tilt.scalarMultiply(traceOutput)),
        QuerySpectrum.symmetric(vGamma.multiply(gammaU).transposeMultiply(vGammaU)),
        traceOutput,
        traceGamma,
        traceOutput * traceGamma,
        vGamma.multiplyTransposed(vGamma).getTrace());
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
        + one * (at.phi3() * (traceProduct + squaredVGamma) + at.phi4() * squaredVGamma);
  }
}
