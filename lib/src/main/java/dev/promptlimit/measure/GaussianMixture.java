package dev.promptlimit.measure;

import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * A mixture of Gaussian measures N(m_k, Γ_k) with probabilities π_k.
 *
 * <p>Λ(a) = log Σ π_k e^{aᵀm_k + aᵀΓ_k a/2}, finite for every a. Tilted it is the mixture of N(μ_k,
 * Γ_k), μ_k = m_k + Γ_k a, with the probabilities α_k proportional to the summands: mean Σ α_k μ_k,
 * covariance Σ α_k [Γ_k + (μ_k − m)(μ_k − m)ᵀ].
 *
 * <p>Accuracy: relative for Λ − ⟨a, mean⟩ however small a is ({@link TiltedWeights}); covariances
 * are centred before they are summed. Cost for K components: O(K d²), O(K d) where covariances are
 * diagonal; the tilted quartic O(K d³).
 */
public final class GaussianMixture extends AbstractMeasure {
  private static final long serialVersionUID = 1;

  private static final String NAME = "Gaussian mixture";

  private final double[] weights; // as given, of which the sampler's bits depend
  private final Gaussian[] components;
  private final double[] probabilities;
  private final double[] mean;
  private final double[] centred; // m_k − mean, coordinate i at k · d + i

  /**
   * @param weights proportional to the probabilities, each finite and &gt; 0
   * @param components one for each weight, all of one dimension
   */
  public GaussianMixture(double[] weights, List<Gaussian> components) {
    super(NAME, commonDimension(components));
    if (weights.length != components.size()) {
      throw refusal(
          NAME,
          String.format(
              Locale.ROOT,
              "the number of weights is %d, allowed: %d, one for each component",
              weights.length,
              components.size()));
    }
    for (int k = 0; k < weights.length; k++) {
      finiteAndPositive(NAME, "weight " + k, weights[k]);
    }
    double total = Arrays.stream(weights).sum();
    finiteAndPositive(NAME, "the sum of the weights", total);
    this.weights = weights.clone();
    this.components = components.toArray(new Gaussian[0]);
    probabilities = Arrays.stream(weights).map(w -> w / total).toArray();
    int d = dimension();
    mean = new double[d];
    centred = new double[Math.multiplyExact(weights.length, d)];
    for (int k = 0; k < weights.length; k++) {
      double[] centre = this.components[k].mean();
      System.arraycopy(centre, 0, centred, k * d, d);
      for (int i = 0; i < d; i++) {
        mean[i] += probabilities[k] * centre[i];
      }
    }
    for (int j = 0; j < centred.length; j++) {
      centred[j] -= mean[j % d];
    }
  }

  /** Number of components. */
  public int size() {
    return components.length;
  }

  /** Whether all covariances are diagonal, which saves time. */
  public boolean isDiagonal() {
    return Arrays.stream(components).allMatch(component -> component.covariance().isDiagonal());
  }

  private static int commonDimension(List<Gaussian> components) {
    if (components.isEmpty()) {
      throw refusal(NAME, "the number of components is 0, allowed: 1 or more");
    }
    int d = components.get(0).dimension();
    for (int k = 1; k < components.size(); k++) {
      if (components.get(k).dimension() != d) {
        throw refusal(
            NAME,
            String.format(
                Locale.ROOT,
                "the dimension of component %d is %d, allowed: %d, as component 0 has",
                k,
                components.get(k).dimension(),
                d));
      }
    }
    return d;
  }

  /** The tilted mixture. */
  private static final class Tilted {
    private final double lambda;
    private final TiltedWeights alpha;
    private final double[][] shifts; // Γ_k a

    Tilted(double lambda, TiltedWeights alpha, double[][] shifts) {
      this.lambda = lambda;
      this.alpha = alpha;
      this.shifts = shifts;
    }
  }

  private Tilted tilt(double[] a) {
    int d = a.length;
    double[] y = new double[components.length];
    double[] q = new double[components.length];
    double[][] shifts = new double[components.length][];
    for (int k = 0; k < components.length; k++) {
      shifts[k] = components[k].covariance().multiply(a);
      for (int i = 0; i < d; i++) {
        y[k] += a[i] * centred[k * d + i];
        q[k] += 0.5 * a[i] * shifts[k][i];
      }
    }
    double linear = 0;
    for (int i = 0; i < d; i++) {
      linear += a[i] * mean[i];
    }
    TiltedWeights alpha = TiltedWeights.of(probabilities, y, q);
    return new Tilted(linear + alpha.logMgf(), alpha, shifts);
  }

  private Tilted admissible(double[] a) {
    checkFits(a);
    Tilted tilted = tilt(a);
    checkFinite(tilted.lambda);
    return tilted;
  }

  @Override
  double lambda(double[] a) {
    return tilt(a).lambda;
  }

  @Override
  public double[] tiltedMean(double[] a) {
    return mean(admissible(a));
  }

  /** Σ α_k μ_k = mean + Σ (α_k − π_k)(m_k − mean) + Σ α_k Γ_k a. */
  private double[] mean(Tilted tilted) {
    double[] sum = new double[dimension()];
    for (int k = 0; k < components.length; k++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += tilted.alpha.excess(k) * centred[k * sum.length + i];
        sum[i] += tilted.alpha.weight(k) * tilted.shifts[k][i];
      }
    }
    Arrays.setAll(sum, i -> mean[i] + sum[i]);
    return sum;
  }

  /** μ_k − c. */
  private double[] centre(Tilted tilted, int k, double[] c) {
    double[] centre = new double[c.length];
    for (int i = 0; i < c.length; i++) {
      centre[i] = centred[k * c.length + i] + (mean[i] - c[i]) + tilted.shifts[k][i];
    }
    return centre;
  }

  @Override
  public RealMatrix tiltedCovariance(double[] a) {
    int d = dimension();
    Tilted tilted = admissible(a);
    double[] mean = mean(tilted);
    RealMatrix sum = MatrixUtils.createRealMatrix(d, d);
    for (int k = 0; k < components.length; k++) {
      double alpha = tilted.alpha.weight(k);
      double[] centre = centre(tilted, k, mean);
      RealMatrix gamma = components[k].covariance().matrix();
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          sum.addToEntry(i, j, alpha * (gamma.getEntry(i, j) + centre[i] * centre[j]));
        }
      }
    }
    return sum;
  }

  @Override
  public double tiltedQuartic(double[] a, double[] c, RealMatrix w) {
    Tilted tilted = admissible(a);
    double sum = 0;
    for (int k = 0; k < components.length; k++) {
      double[] centre = centre(tilted, k, c);
      double quartic = Gaussian.quartic(centre, components[k].covariance(), w);
      sum += tilted.alpha.weight(k) * quartic;
    }
    return sum;
  }

  /**
   * The spread of the centres, by Hoeffding's lemma, and max λ_max(Γ_k); an upper bound, but for
   * one component.
   */
  @Override
  public SubGaussianProxy proxy() {
    double largest = 0;
    for (Gaussian component : components) {
      largest = Math.max(largest, component.covariance().largestEigenvalue());
    }
    double spread = TiltedWeights.spread(centred, new double[dimension()]);
    return new SubGaussianProxy(spread + largest, components.length == 1);
  }

  @Override
  public TokenSampler sampler(StreamKey key) {
    return TokenSampler.mixture(key, weights, List.of(components));
  }
}
