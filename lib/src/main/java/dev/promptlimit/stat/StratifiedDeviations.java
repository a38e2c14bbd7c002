package dev.promptlimit.stat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.hipparchus.util.FastMath;

/*
 * With p_k the known probability of stratum k and sums over strata,
 *
 *   mean    Σ p_k m_k,  squared standard error Σ p_k² v_k/n_k,  third cumulant Σ p_k³ γ_k v_k^{3/2}/n_k²;
 *   tail    Σ p_k P_k(u) in [Σ p_k low_k, Σ p_k high_k], each stratum with its part of α.
 *
 * A tail of probability 1e-9 would have no useful upper end from counts alone: that none of 10⁴ prompts of
 * the bulk lies beyond u says no more than P_0(u) < 1e-3. So in strata the upper end also knows that
 * P_k(u) ≤ E_k D^q / u^q (Markov, q = 4, 8), with an upper confidence limit of that moment from the
 * histogram, each deviation at the upper edge of its bin, and what is certain of Gaussian tokens
 * (TailLimit). The lower end is exact; the upper one, where a moment decides, is asymptotic like the
 * intervals of means.
 */
/**
 * Deviations of one metric by stratum of the query, and the intervals that follow for all queries.
 * Intervals hold at all looks. Where prompts are inadmissible, all of it is about the admissible
 * ones of each stratum, weighted by the probability of the whole stratum.
 */
public final class StratifiedDeviations {
  private static final int[] ORDERS = {4, 8};

  /** A stratum may have so many times fewer prompts than a first look needs. */
  private static final long MOST_SHARES = 4;

  private final List<DeviationSummary> strata;
  private final double[] probabilities;

  /**
   * @param strata what is kept of each stratum
   * @param probabilities as many, their sum 1
   */
  public StratifiedDeviations(List<DeviationSummary> strata, double[] probabilities) {
    if (strata.isEmpty() || strata.size() != probabilities.length) {
      throw new IllegalArgumentException(
          "Cannot combine strata: "
              + strata.size()
              + " summaries, "
              + probabilities.length
              + " probabilities");
    }
    this.strata = List.copyOf(strata);
    this.probabilities = probabilities.clone();
  }

  /** The strata. */
  public List<DeviationSummary> strata() {
    return strata;
  }

  /** The probability of stratum k. */
  public double probability(int k) {
    return probabilities[k];
  }

  /** Number of admissible prompts. */
  public long n() {
    return strata.stream().mapToLong(s -> s.moments().n()).sum();
  }

  /** Number of inadmissible prompts. */
  public long inadmissible() {
    return strata.stream().mapToLong(DeviationSummary::inadmissible).sum();
  }

  /** Whether some stratum has no admissible prompt: then nothing is known of the whole. */
  public boolean isEmpty() {
    return strata.stream().anyMatch(s -> s.moments().n() == 0);
  }

  /** The mean of the squared deviation; NaN where nothing is known. */
  public double mean() {
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      sum += probabilities[k] * strata.get(k).moments().mean();
    }
    return isEmpty() ? Double.NaN : sum;
  }

  /** The variance of the squared deviation of one prompt; NaN below two prompts in a stratum. */
  public double variance() {
    double mean = mean();
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      Moments m = strata.get(k).moments();
      sum += probabilities[k] * (m.variance() + FastMath.pow(m.mean() - mean, 2));
    }
    return sum;
  }

  /** The standard error of the mean; NaN below two prompts in a stratum. */
  public double standardError() {
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      Moments m = strata.get(k).moments();
      sum += FastMath.pow(probabilities[k], 2) * m.variance() / m.n();
    }
    return FastMath.sqrt(sum);
  }

  /**
   * The asymptotic interval of the mean; [0, ∞] before {@link MeanSequence#firstLook}, which strata
   * share: when it comes depends on numbers of prompts alone.
   *
   * @param alpha error probability over all looks
   */
  public Interval meanInterval(double alpha) {
    long first = MeanSequence.firstLook(alpha);
    long fewest = strata.stream().mapToLong(s -> s.moments().n()).min().orElseThrow();
    boolean early = Math.min(MOST_SHARES, strata.size()) * fewest < first;
    return early && !isEmpty()
        ? new Interval(0, Double.POSITIVE_INFINITY)
        : meanInterval(looks(n(), first), alpha);
  }

  /** The same from the first prompts on, where those now are so many times as many. */
  Interval meanInterval(double looks, double alpha) {
    return isEmpty()
        ? new Interval(Double.NaN, Double.NaN)
        : MeanSequence.interval(mean(), standardError(), meanSkewness(), freedom(), looks, alpha);
  }

  private static double looks(long n, long first) {
    return Math.max(1, n / (double) first);
  }

  /**
   * Degrees of freedom of the standard error (Welch and Satterthwaite): (Σ p_k² v_k/n_k)² / Σ (p_k²
   * v_k/n_k)² / ν_k with ν_k those of {@link Moments#freedom}; n − 1 where nothing varies, NaN
   * below two prompts in a stratum.
   */
  double freedom() {
    double error = standardError();
    double spread = 0;
    for (int k = 0; k < probabilities.length; k++) {
      spread += FastMath.pow(part(k) / error, 4) / strata.get(k).moments().freedom();
    }
    return error == 0 ? n() - 1.0 : 1 / spread;
  }

  /** Standardised third cumulant of the mean; NaN below two prompts in a stratum. */
  public double meanSkewness() {
    double error = standardError();
    double third = 0;
    for (int k = 0; k < probabilities.length; k++) {
      Moments m = strata.get(k).moments();
      third += FastMath.pow(part(k) / error, 3) * m.skewness() / FastMath.sqrt((double) m.n());
    }
    return error == 0 ? 0 : third;
  }

  /** The standard error of p_k m_k. */
  private double part(int k) {
    Moments m = strata.get(k).moments();
    return probabilities[k] * FastMath.sqrt(m.variance() / (double) m.n());
  }

  /**
   * The guaranteed interval of the mean.
   *
   * @param bound what no squared deviation exceeds
   */
  public Interval boundedMeanInterval(double bound, double alpha) {
    double low = 0;
    double high = 0;
    for (int k = 0; k < probabilities.length; k++) {
      Interval part = strata.get(k).bernstein().interval(bound, alpha / probabilities.length);
      low += probabilities[k] * part.low();
      high += probabilities[k] * part.high();
    }
    return new Interval(low, high);
  }

  /** Estimate of P(D &gt; edge k); NaN where nothing is known. */
  public double tail(int edge) {
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      sum += probabilities[k] * beyond(k, edge) / strata.get(k).moments().n();
    }
    return isEmpty() ? Double.NaN : sum;
  }

  /** Prompts with a deviation above edge k, of all strata. */
  public long exceedances(int edge) {
    long sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      sum += beyond(k, edge);
    }
    return sum;
  }

  private long beyond(int k, int edge) {
    return strata.get(k).tail().beyond(edge);
  }

  /** Makes intervals for tails at one error probability each; for one thread. */
  public final class Tails {
    private final double alpha; // of each stratum's counts
    private final TailLimit limit;
    private final double[][] moments; // upper limits of E_k D^q, +∞ where they are not used
    private final List<Map<Long, Interval>> counted; // by stratum and count: edges share counts

    /**
     * @param alpha error probability of each interval, over all looks
     * @param limit used where there are several strata
     */
    public Tails(double alpha, TailLimit limit) {
      int n = probabilities.length;
      this.limit = limit;
      this.alpha = n == 1 ? alpha : alpha / 2 / n;
      moments = new double[n][ORDERS.length];
      counted = new ArrayList<>();
      for (int k = 0; k < n; k++) {
        counted.add(new HashMap<>());
        for (int i = 0; i < ORDERS.length; i++) {
          moments[k][i] =
              n == 1
                  ? Double.POSITIVE_INFINITY
                  : momentBound(strata.get(k).tail(), ORDERS[i], alpha / 2 / n / ORDERS.length);
        }
      }
    }

    /** The interval of P(D &gt; edge k). */
    public Interval interval(int edge) {
      double low = 0;
      double high = 0;
      for (int k = 0; k < probabilities.length; k++) {
        Interval part = counted(k, beyond(k, edge));
        low += probabilities[k] * part.low();
        high += probabilities[k] * Math.max(part.low(), upper(k, edge, part.high()));
      }
      return new Interval(low, Math.min(1, high));
    }

    private Interval counted(int k, long count) {
      long n = strata.get(k).moments().n();
      return counted
          .get(k)
          .computeIfAbsent(count, any -> ProbabilitySequence.interval(count, n, alpha));
    }

    private double upper(int k, int edge, double counted) {
      if (probabilities.length == 1) {
        return counted;
      }
      double u = TailHistogram.edge(edge);
      double least = Math.min(counted, limit.beyond(u, k));
      for (int i = 0; i < ORDERS.length; i++) {
        least = Math.min(least, moments[k][i] / FastMath.pow(u, ORDERS[i]));
      }
      return least;
    }

    /**
     * The interval of the quantile of level 1 − p, by edges: outside it the tail's interval does
     * not hold p. That is tried at the quantile alone, so one error probability is enough.
     */
    public Interval quantile(double p) {
      int low = lastAbove(edge -> interval(edge).low() > p);
      int high = lastAbove(edge -> interval(edge).high() > p) + 1;
      return new Interval(
          low < 0 ? 0 : TailHistogram.edge(low),
          high == TailHistogram.EDGES ? Double.POSITIVE_INFINITY : TailHistogram.edge(high));
    }
  }

  /** The last edge for which something holds that holds up to some edge; −1 if for none. */
  private static int lastAbove(IntPredicate holds) {
    int yes = -1;
    int no = TailHistogram.EDGES;
    while (no - yes > 1) {
      int middle = (yes + no) >>> 1;
      if (holds.test(middle)) {
        yes = middle;
      } else {
        no = middle;
      }
    }
    return yes;
  }

  /** An upper confidence limit of E D^q; +∞ where the histogram has an open end. */
  private static double momentBound(TailHistogram tail, int q, double alpha) {
    long n = tail.total();
    long first = MeanSequence.firstLook(alpha);
    if (n < first || tail.count(TailHistogram.BINS - 1) > 0) {
      return Double.POSITIVE_INFINITY;
    }
    int[] bins = tail.occupiedBins();
    double mean = 0;
    for (int bin : bins) {
      mean += tail.count(bin) / (double) n * FastMath.pow(TailHistogram.edge(bin), q);
    }
    double second = 0;
    for (int bin : bins) {
      double off = FastMath.pow(TailHistogram.edge(bin), q) - mean;
      second += tail.count(bin) / (double) n * off * off;
    }
    double third = 0; // standardised
    for (int bin : bins) {
      double off = FastMath.pow(TailHistogram.edge(bin), q) - mean;
      third += tail.count(bin) / (double) n * FastMath.pow(off / FastMath.sqrt(second), 3);
    }
    double error = FastMath.sqrt(second / (n - 1.0));
    double skewness = second > 0 ? third / FastMath.sqrt((double) n) : 0;
    // all n − 1 degrees of freedom, however heavy the tail: Markov's bound has the slack of a
    // factor
    // of 5 or more
    return MeanSequence.interval(mean, error, skewness, n - 1.0, looks(n, first), alpha).high();
  }

  /**
   * Estimate of the quantile of level 1 − p, interpolated geometrically within its bin; NaN where
   * nothing is known.
   */
  public double quantile(double p) {
    if (isEmpty()) {
      return Double.NaN;
    }
    int low = lastAbove(edge -> tail(edge) > p);
    if (low < 0 || low == TailHistogram.EDGES - 1) {
      return low < 0 ? 0 : TailHistogram.edge(low);
    }
    double above = tail(low);
    double fraction = (above - p) / (above - tail(low + 1));
    double edge = TailHistogram.edge(low);
    return edge * FastMath.pow(TailHistogram.edge(low + 1) / edge, fraction);
  }
}
