package dev.promptlimit.measure;

import dev.promptlimit.kernel.Kernels;
import dev.promptlimit.kernel.Lanes;
import dev.promptlimit.kernel.SoftmaxSums;
import dev.promptlimit.random.LaplaceStream;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.NumberStream;
import dev.promptlimit.random.SignStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.random.StudentTStream;
import dev.promptlimit.random.UniformStream;
import dev.promptlimit.random.WordStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws i.i.d. tokens, chunk by chunk, into tables as {@link SoftmaxSums} reads them: coordinate i
 * of token l at x[i · STRIDE + l].
 *
 * <p>A chunk is in law a permutation of independent tokens, which may come sorted (a mixture's
 * components one after the other): sums over whole chunks have the law of independent tokens.
 */
public abstract class TokenSampler {
  private final int dimension;
  private final double largest;

  TokenSampler(int dimension, double largest) {
    if (dimension < 1) {
      throw refusal("d is " + dimension + ", allowed: 1 or more");
    }
    this.dimension = dimension;
    this.largest = largest;
  }

  private static IllegalArgumentException refusal(String reason) {
    return new IllegalArgumentException("Cannot make a token sampler: " + reason);
  }

  private static void finiteAndPositive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw refusal(name + " is " + value + ", allowed: finite and > 0");
    }
  }

  /** Number of coordinates d. */
  public final int dimension() {
    return dimension;
  }

  /** No coordinate is larger in size. */
  public final double largest() {
    return largest;
  }

  /**
   * Draws the next n tokens.
   *
   * @param x a table of at least d coordinates
   * @param n 1 ≤ n ≤ {@link SoftmaxSums#CHUNK}
   */
  public abstract void fill(double[] x, int n);

  /**
   * Draws the next n tokens and their scores Σ_i u_i x_i.
   *
   * @param scores index in x from which they are written, up to the end of the last row of sixteen
   */
  public void fill(double[] x, int n, double[] u, int scores) {
    fill(x, n);
    int rows = Lanes.roundUp(n);
    Kernels.combine(0, u, 0, dimension, x, 0, SoftmaxSums.STRIDE, x, scores, rows);
  }

  /** N(0, I_d). */
  public static TokenSampler gaussian(StreamKey key, int d) {
    return new Product(d, new NormalStream(key), NormalStream.LARGEST);
  }

  /** Tokens with one more coordinate, the last, which is standard normal and independent. */
  public static TokenSampler withNormal(TokenSampler tokens, StreamKey key) {
    return new WithNormal(tokens, new NormalStream(key));
  }

  /** A Gaussian measure, by its mean and the symmetric root of its covariance. */
  public static TokenSampler gaussian(StreamKey key, Gaussian measure) {
    return new Coloured(new NormalStream(key), measure);
  }

  /** Coordinates independent, of density e^{−|x|/b} / 2b. */
  public static TokenSampler laplace(StreamKey key, int d, double b) {
    finiteAndPositive("b", b);
    return new Product(d, new LaplaceStream(key, b), b * LaplaceStream.LARGEST);
  }

  /** Coordinates independent, Student-t with ν degrees of freedom. */
  public static TokenSampler studentT(StreamKey key, int d, double nu) {
    finiteAndPositive("nu", nu);
    return new Product(d, new StudentTStream(key, nu), StudentTStream.LARGEST);
  }

  /**
   * Rows of a table, drawn with the probabilities of another.
   *
   * @param embeddings coordinate i of row k at k · d + i; not copied
   */
  static TokenSampler vocabulary(StreamKey key, AliasTable table, double[] embeddings) {
    return new Rows(key, table, embeddings);
  }

  /** Coordinates independent and uniform on [−c, c). */
  public static TokenSampler cube(StreamKey key, int d, double c) {
    finiteAndPositive("c", c);
    return new Product(d, new UniformStream(key, c), c);
  }

  /** Coordinates independent, c or −c with probability one half each. */
  public static TokenSampler rademacher(StreamKey key, int d, double c) {
    finiteAndPositive("c", c);
    return new Product(d, new SignStream(key, c), c);
  }

  /** Uniform on the sphere of radius ρ in R^d; for d = 1 that is ±ρ. */
  public static TokenSampler sphere(StreamKey key, int d, double rho) {
    finiteAndPositive("rho", rho);
    return d == 1 ? rademacher(key, d, rho) : new Sphere(d, new NormalStream(key), rho);
  }

  /** A mixture of Gaussian measures with weights proportional to these, each finite and &gt; 0. */
  public static TokenSampler mixture(StreamKey key, double[] weights, List<Gaussian> components) {
    if (components.isEmpty()) {
      throw refusal("there are 0 components, allowed: 1 or more");
    }
    if (weights.length != components.size()) {
      throw refusal(
          "there are " + weights.length + " weights, allowed: " + components.size() + ", one each");
    }
    for (int k = 0; k < weights.length; k++) {
      finiteAndPositive("weight " + k, weights[k]);
    }
    finiteAndPositive("the sum of the weights", Arrays.stream(weights).sum());
    int d = components.get(0).dimension();
    for (int k = 1; k < weights.length; k++) {
      if (components.get(k).dimension() != d) {
        throw refusal(
            String.format(
                Locale.ROOT,
                "component %d has dimension %d, allowed: %d, as component 0 has",
                k,
                components.get(k).dimension(),
                d));
      }
    }
    return new Mixture(key, weights, components);
  }

  /** Independent coordinates of one law. */
  private static final class Product extends TokenSampler {
    private final NumberStream numbers;

    Product(int d, NumberStream numbers, double largest) {
      super(d, largest);
      this.numbers = numbers;
    }

    @Override
    public void fill(double[] x, int n) {
      for (int i = 0; i < dimension(); i++) {
        numbers.fill(x, i * SoftmaxSums.STRIDE, n);
      }
    }

    /** The same bits, each coordinate used while it is in the cache. */
    @Override
    public void fill(double[] x, int n, double[] u, int scores) {
      int rows = Lanes.roundUp(n);
      Arrays.fill(x, scores, scores + rows, 0);
      for (int i = 0; i < dimension(); i++) {
        numbers.fill(x, i * SoftmaxSums.STRIDE, n);
        Kernels.addScaled(u[i], x, i * SoftmaxSums.STRIDE, x, scores, rows);
      }
    }
  }

  /** Tokens and a standard normal beside them. */
  private static final class WithNormal extends TokenSampler {
    private final TokenSampler tokens;
    private final NormalStream normals;

    WithNormal(TokenSampler tokens, NormalStream normals) {
      super(tokens.dimension() + 1, Math.max(tokens.largest(), NormalStream.LARGEST));
      this.tokens = tokens;
      this.normals = normals;
    }

    @Override
    public void fill(double[] x, int n) {
      tokens.fill(x, n);
      normals.fill(x, tokens.dimension() * SoftmaxSums.STRIDE, n);
    }
  }

  /** Standard normals, coloured. */
  private static final class Coloured extends TokenSampler {
    private final NormalStream normals;
    private final double[] mean;
    private final Covariance covariance;
    private final double[] eps;

    Coloured(NormalStream normals, Gaussian measure) {
      super(measure.dimension(), Mixture.largest(List.of(measure)));
      this.normals = normals;
      mean = measure.mean();
      covariance = measure.covariance();
      eps = new double[dimension() * SoftmaxSums.STRIDE];
    }

    @Override
    public void fill(double[] x, int n) {
      for (int i = 0; i < dimension(); i++) {
        normals.fill(eps, i * SoftmaxSums.STRIDE, n);
      }
      covariance.colour(mean, eps, x, SoftmaxSums.STRIDE, 0, Lanes.roundUp(n));
    }
  }

  /** One word a token gives the row of a table that it is. */
  private static final class Rows extends TokenSampler {
    private final WordStream choices;
    private final AliasTable table;
    private final double[] embeddings;
    private final long[] words = new long[SoftmaxSums.CHUNK];

    Rows(StreamKey key, AliasTable table, double[] embeddings) {
      super(
          embeddings.length / table.size(),
          Arrays.stream(embeddings).map(Math::abs).max().orElse(0));
      choices = new WordStream(key);
      this.table = table;
      this.embeddings = embeddings;
    }

    @Override
    public void fill(double[] x, int n) {
      int d = dimension();
      int rows = Lanes.roundUp(n); // words come in such rows: what pads the last is tokens too
      choices.fill(words, rows);
      for (int l = 0; l < rows; l++) {
        int from = table.index(words[l]) * d;
        for (int i = 0; i < d; i++) {
          x[i * SoftmaxSums.STRIDE + l] = embeddings[from + i];
        }
      }
    }
  }

  /** Standard normals, scaled to the radius. */
  private static final class Sphere extends TokenSampler {
    private final NormalStream normals;
    private final double radius;

    Sphere(int d, NormalStream normals, double radius) {
      super(d, radius * (1 + 0x1p-50)); // rounded
      this.normals = normals;
      this.radius = radius;
    }

    @Override
    public void fill(double[] x, int n) {
      int rows = Lanes.roundUp(n);
      for (int i = 0; i < dimension(); i++) {
        normals.fill(x, i * SoftmaxSums.STRIDE, n);
        // what pads the last row must not be the zero vector
        Arrays.fill(x, i * SoftmaxSums.STRIDE + n, i * SoftmaxSums.STRIDE + rows, 1);
      }
      Kernels.normalise(x, SoftmaxSums.STRIDE, dimension(), radius, rows);
    }
  }

  /**
   * How many tokens of a chunk each component gives is multinomial: uniform words are counted
   * between the cumulated weights. The components' tokens then follow each other, so that no token
   * needs a choice of its own.
   */
  private static final class Mixture extends TokenSampler {
    private final WordStream choices;
    private final NormalStream normals;
    private final long[] words = new long[SoftmaxSums.CHUNK];
    private final long[] cumulated; // of the weights, times 2⁶³
    private final double[][] means;
    private final Covariance[] covariances;
    private final double[] eps;

    Mixture(StreamKey key, double[] weights, List<Gaussian> components) {
      super(components.get(0).dimension(), largest(components));
      choices = new WordStream(key.withSubstream(key.substream() + CHOICES));
      normals = new NormalStream(key);
      double total = Arrays.stream(weights).sum();
      cumulated = new long[weights.length];
      double sum = 0;
      means = new double[weights.length][];
      covariances = new Covariance[weights.length];
      for (int k = 0; k < weights.length; k++) {
        means[k] = components.get(k).mean();
        covariances[k] = components.get(k).covariance();
        sum += weights[k];
        cumulated[k] = k + 1 == weights.length ? Long.MAX_VALUE : (long) (sum / total * 0x1p63);
      }
      eps = new double[dimension() * SoftmaxSums.STRIDE];
    }

    private static double largest(List<Gaussian> components) {
      double largest = 0;
      for (Gaussian component : components) {
        double[] mean = component.mean();
        double[][] root = component.covariance().root().getData();
        for (int i = 0; i < mean.length; i++) {
          double size = Arrays.stream(root[i]).map(Math::abs).sum() * NormalStream.LARGEST;
          largest = Math.max(largest, Math.abs(mean[i]) + size);
        }
      }
      return largest;
    }

    /** Distance of the substream of choices from that of the normals. */
    private static final long CHOICES = 1L << 32;

    @Override
    public void fill(double[] x, int n) {
      int d = dimension();
      int rows = Lanes.roundUp(n);
      choices.fill(words, rows);
      Arrays.fill(words, n, rows, -1L); // beyond every bound
      for (int i = 0; i < d; i++) {
        normals.fill(eps, i * SoftmaxSums.STRIDE, n);
      }
      int from = 0;
      for (int k = 0; k < cumulated.length; k++) {
        boolean last = k + 1 == cumulated.length;
        int to = last ? n : Kernels.countBelow(words, cumulated[k], rows);
        if (to > from) {
          // whole rows; the next component overwrites what is too much
          int whole = Lanes.roundUp(to - from);
          covariances[k].colour(means[k], eps, x, SoftmaxSums.STRIDE, from, whole);
          from = to;
        }
      }
    }
  }
}
