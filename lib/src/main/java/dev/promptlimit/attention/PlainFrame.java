package dev.promptlimit.attention;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.TokenSampler;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Optional;

/**
 * Tokens of any measure, drawn as they are. Their limit m(a), C(a) is computed where the tilt is
 * another one than before: once if the query is fixed, else once a prompt.
 */
final class PlainFrame implements TokenFrame {
  private final TokenMeasure tokens;
  private final TokenMeasure measure; // of the limit
  private final int outputs;
  private final CovarianceRows rows; // of V(C_w − C(a)); null without second moments
  private final double[] tilt; // NaN before the first one
  private Optional<String> inadmissible = Optional.empty();
  private double[] limit;
  private ColumnMatrix covariance;

  PlainFrame(Setting setting, boolean second) {
    tokens = setting.tokens();
    measure = setting.limit();
    Head head = setting.head();
    outputs = head.outputs();
    rows = second ? new CovarianceRows(ColumnMatrix.of(head.v().transpose())) : null;
    tilt = new double[tokens.dimension()];
    Arrays.fill(tilt, Double.NaN);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return tokens.sampler(key);
  }

  @Override
  public Optional<String> moveTo(double[] next) {
    if (!Arrays.equals(next, tilt)) {
      System.arraycopy(next, 0, tilt, 0, tilt.length);
      inadmissible = measure.inadmissible(tilt);
      if (inadmissible.isEmpty()) {
        limit = measure.tiltedMean(tilt);
        covariance = rows == null ? null : ColumnMatrix.of(measure.tiltedCovariance(tilt));
      }
    }
    return inadmissible;
  }

  @Override
  public double[] scores() {
    return tilt;
  }

  @Override
  public void meanDeviation(SoftmaxSums sums, double[] deviation) {
    for (int i = 0; i < deviation.length; i++) {
      deviation[i] = sums.mean(i) - limit[i];
    }
  }

  @Override
  public double squaredCovarianceDeviation(SoftmaxSums sums) {
    rows.read(sums, covariance);
    double total = 0;
    for (int k = 0; k < outputs; k++) {
      double[] row = rows.row(k);
      total += ColumnMatrix.dot(row, 0, row, 0, row.length);
    }
    return total;
  }
}
