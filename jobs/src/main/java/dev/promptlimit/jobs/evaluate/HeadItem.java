package dev.promptlimit.jobs.evaluate;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.InfiniteOperator;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.ExactError;
import dev.promptlimit.theory.QuerySpectrum;
import dev.promptlimit.theory.UniversalFunctions;
import java.util.Map;
import org.hipparchus.linear.Array2DRowRealMatrix;

/**
 * A head on Gaussian tokens, {@code {Gamma, U, V, z, L}}, {@code mean} if it is not 0: its errors
 * at the query z and what standard normal queries would make of it.
 */
final class HeadItem {
  private HeadItem() {}

  static Answer answer(Field item) {
    Covariance gamma = item.get("Gamma").covariance(Field.ANY);
    int d = gamma.dimension();
    Head head =
        new Head(
            new Array2DRowRealMatrix(item.get("U").matrix(d, d)),
            new Array2DRowRealMatrix(item.get("V").matrix(Field.ANY, d)));
    double[] z = item.get("z").vector(d);
    double[] mean = item.has("mean") ? item.get("mean").vector(d) : new double[d];
    double promptLength = UniversalItem.promptLength(item);

    Gaussian tokens = new Gaussian(mean, gamma);
    ExactError error = item.get("z").check(() -> new ExactError(tokens, head, z));
    double[] limit = item.get("z").check(() -> new InfiniteOperator(tokens, head).apply(z));
    double s = error.s();
    UniversalFunctions at = UniversalItem.at(s, item.get("z"), promptLength);
    Map<Metric, Double> delta = DeltaMethod.constants(tokens, head, Gaussian.fixed(z));
    Gaussian queries = Gaussian.centred(Covariance.identity(d, 1));
    QuerySpectrum spectrum = new QuerySpectrum(tokens, head, queries);
    return new Answer()
        .repeat(item, "L")
        .put("s", s)
        .put("infinite_output", limit)
        .put("output_bias", error.outputBias(at))
        .put("output_mse", error.meanSquare(Metric.OUTPUT, at))
        .put("jac_v_mse", error.meanSquare(Metric.JACOBIAN_V, at))
        .put("jac_u_mse", error.meanSquare(Metric.JACOBIAN_U, at))
        .put("delta_output", delta.get(Metric.OUTPUT))
        .put("delta_jac_v", delta.get(Metric.JACOBIAN_V))
        .put("delta_jac_u", delta.get(Metric.JACOBIAN_U))
        .put("freezing_length", error.freezingLength())
        .put("H2_standard_normal_query", spectrum.h2())
        .put(
            "query_averaged_output_constant",
            DeltaMethod.constants(tokens, head, queries, spectrum).get(Metric.OUTPUT))
        .put("sharp_exponent", spectrum.sharpExponent())
        .put("bohbot_exponent", spectrum.bohbotExponent());
  }
}
