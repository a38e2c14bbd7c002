package dev.promptlimit.measure;

import dev.promptlimit.kernel.ColumnMatrix;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.Locale;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * A measure on finitely many vectors: token e_k, the embedding of entry k, with probability p_k.
 *
 * <p>Λ(a) = log Σ p_k e^⟨a,e_k⟩, finite for every a. Tilted, the probabilities are α_k = p_k
 * e^{⟨a,e_k⟩−Λ(a)}: mean Σ α_k e_k, covariance Σ α_k (e_k − m)(e_k − m)ᵀ.
 *
 * <p>Accuracy: relative for Λ − ⟨a, mean⟩ however small a is ({@link TiltedWeights}); covariances
 * are centred before they are summed. Cost for n entries: O(n d), the tilted covariance and the
 * tilted quartic O(n d²); entries whose α is 0 as a double cost nothing there.
 */
public final class Vocabulary extends AbstractMeasure {
  private static final long serialVersionUID = 1;

  private static final String NAME = "vocabulary";

  private final double[] probabilities; // > 0
  private final double[] embeddings; // coordinate i of entry k at k · d + i
  private final double[] mean;
  private final AliasTable table;

  /**
   * @param probabilities or what is proportional to them, each finite and ≥ 0, not all 0
   * @param embeddings one row for each, all of one length
   */
  public Vocabulary(double[] probabilities, double[][] embeddings) {
    super(NAME, commonLength(embeddings));
    int d = dimension();
    if (probabilities.length != embeddings.length) {
      throw refusal(
          NAME,
          String.format(
              Locale.ROOT,
              "the number of probabilities is %d, allowed: %d, one for each embedding",
              probabilities.length,
              embeddings.length));
    }
    for (int k = 0; k < probabilities.length; k++) {
      if (!(probabilities[k] >= 0 && Double.isFinite(probabilities[k]))) {
        throw refusal(
            NAME, "probability " + k + " is " + probabilities[k] + ", allowed: finite and ≥ 0");
      }
      for (int i = 0; i < d; i++) {
        finite(NAME, "coordinate " + i + " of embedding " + k, embeddings[k][i]);
      }
    }
    double total = Arrays.stream(probabilities).sum();
    finiteAndPositive(NAME, "the sum of the probabilities", total);
    double[] shares = Arrays.stream(probabilities).map(p -> p / total).toArray();
    this.probabilities = Arrays.stream(shares).filter(p -> p > 0).toArray();
    this.embeddings = new double[Math.multiplyExact(this.probabilities.length, d)];
    mean = new double[d];
    for (int k = 0, kept = 0; k < shares.length; k++) {
      if (shares[k] > 0) {
        System.arraycopy(embeddings[k], 0, this.embeddings, kept * d, d);
        kept++;
      }
      for (int i = 0; i < d; i++) {
        mean[i] += shares[k] * embeddings[k][i];
      }
    }
    table = new AliasTable(this.probabilities);
  }

  /** Number of entries with a probability above 0. */
  public int size() {
    return probabilities.length;
  }

  private static int commonLength(double[][] embeddings) {
    if (embeddings.length == 0) {
      throw refusal(NAME, "the number of embeddings is 0, allowed: 1 or more");
    }
    for (int k = 1; k < embeddings.length; k++) {
      if (embeddings[k].length != embeddings[0].length) {
        throw refusal(
            NAME,
            String.format(
                Locale.ROOT,
                "the length of embedding %d is %d, allowed: %d, as embedding 0 has",
                k,
                embeddings[k].length,
                embeddings[0].length));
      }
    }
    return embeddings[0].length;
  }

  /** How the probabilities are tilted, but for e^⟨a,mean⟩. */
  private TiltedWeights tilt(double[] a) {
    double[] y = new double[probabilities.length];
    for (int k = 0; k < y.length; k++) {
      for (int i = 0; i < a.length; i++) {
        y[k] += a[i] * (embeddings[k * a.length + i] - mean[i]);
      }
    }
    return TiltedWeights.of(probabilities, y, new double[y.length]);
  }

  private double lambda(double[] a, TiltedWeights alpha) {
    double linear = 0;
    for (int i = 0; i < a.length; i++) {
      linear += a[i] * mean[i];
    }
    return linear + alpha.logMgf();
  }

  @Override
  double lambda(double[] a) {
    return lambda(a, tilt(a));
  }

  private TiltedWeights admissible(double[] a) {
    checkFits(a);
    TiltedWeights alpha = tilt(a);
    checkFinite(lambda(a, alpha));
    return alpha;
  }

  @Override
  public double[] tiltedMean(double[] a) {
    return mean(admissible(a));
  }

  /** Σ α_k e_k = mean + Σ (α_k − p_k)(e_k − mean). */
  private double[] mean(TiltedWeights alpha) {
    double[] sum = new double[dimension()];
    for (int k = 0; k < probabilities.length; k++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += alpha.excess(k) * (embeddings[k * sum.length + i] - mean[i]);
      }
    }
    Arrays.setAll(sum, i -> mean[i] + sum[i]);
    return sum;
  }

  /** e_k − c. */
  private void centre(int k, double[] c, double[] to) {
    for (int i = 0; i < c.length; i++) {
      to[i] = embeddings[k * c.length + i] - c[i];
    }
  }

  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    int d = dimension();
    TiltedWeights alpha = admissible(a);
    double[] mean = mean(alpha);
    double[] centre = new double[d];
    double[][] sum = new double[d][d];
    for (int k = 0; k < probabilities.length; k++) {
      double weight = alpha.weight(k);
      if (weight > 0) {
        centre(k, mean, centre);
        for (int i = 0; i < d; i++) {
          double scaled = weight * centre[i];
          for (int j = 0; j <= i; j++) {
            sum[i][j] += scaled * centre[j];
          }
        }
      }
    }
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        sum[j][i] = sum[i][j];
      }
    }
    return MatrixUtils.createRealMatrix(sum);
  }

  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    TiltedWeights alpha = admissible(a);
    double[][] rows = w.getData();
    double[] centre = new double[dimension()];
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      double weight = alpha.weight(k);
      if (weight > 0) {
        centre(k, c, centre);
        double form = 0;
        double square = 0;
        for (int i = 0; i < centre.length; i++) {
          double row = 0;
          for (int j = 0; j < centre.length; j++) {
            row += rows[i][j] * centre[j];
          }
          form += centre[i] * row;
          square += centre[i] * centre[i];
        }
        sum += weight * form * square;
      }
    }
    return sum;
  }

  /** The spread of the embeddings, by Hoeffding's lemma; an upper bound, but for one entry. */
  @Override
  public SubGaussianProxy proxy() {
    return new SubGaussianProxy(TiltedWeights.spread(embeddings, mean), probabilities.length == 1);
  }

  @Override
  public double radius() {
    double largest = 0;
    for (int k = 0; k < probabilities.length; k++) {
      int row = k * dimension();
      largest = Math.max(largest, ColumnMatrix.dot(embeddings, row, embeddings, row, dimension()));
    }
    return Math.sqrt(largest);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.vocabulary(key, table, embeddings);
  }
}
