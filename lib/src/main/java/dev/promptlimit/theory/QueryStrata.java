package dev.promptlimit.theory;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.QueryDraw;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import java.io.Serializable;
import java.util.Arrays;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;
import org.hipparchus.util.FastMath;

/*
 * Why. With H² near or above 1/2 the mean-square error is carried by queries of s² = κ ln L, whose
 * probability falls like a power of L; and with H² of order one a deviation of probability 1e-9 comes
 * nearly always from a rare query (with small H² and short prompts from rare tokens, which no stratum
 * draws: there the lower end of such a tail says nothing). Both are seen only if such queries are drawn on purpose. The mean and the tail are
 *
 *   E D² = Σ p_k E[D² | stratum k],      P(D > u) = Σ p_k P(D > u | stratum k),
 *
 * with p_k known exactly: importance sampling whose weights are constant on each stratum.
 *
 * Norm. What counts is not ‖z‖ but the norm of the query that the scores see, s = ‖z‖_M, s² = zᵀMz,
 * M = UᵀCU with C the covariance of the tokens, its mean where each prompt draws its own. Where Σ_z is a multiple of M⁻¹ they are the same.
 *
 * Edges. P(s² beyond edge k) = 8^{−k}, k = 1..12, to 1e-3; p_k itself comes from the law of r
 * (QuadraticFormLaw) at the edges as they are, to 1e-9 relative.
 *
 * Draws. In (t, t′] the law of ξ is that tilted by e^{θr}, θ its saddle point at t, times e^{−θ(r−t)}
 * ≤ 1: independent normals of variance 1/(1 − 2θκ_i) and mean 2θκ_iν_i/(1 − 2θκ_i), taken with
 * probability e^{−θ(r−t)}. One in 8/7 is taken in the bulk, one in 2 to 100 further out.
 *
 * Cycle. Block b of a cell belongs to stratum CYCLE[b mod 24]: a third of the prompts in the bulk, at
 * least one block in 24 in each stratum. The shares do not depend on data, so that prompts of a
 * stratum are independent draws at any stopping time.
 */
/**
 * Strata of the query by the norm that its scores see, with their probabilities, for cells whose
 * mean is carried by rare queries.
 */
public final class QueryStrata implements Serializable {
  private static final long serialVersionUID = 1;

  /** From this H² on rare queries weigh: the fourth power of D² has no bound for long prompts. */
  public static final double FROM_H2 = 1 / 8.0;

  private static final int STRATA = 13;
  private static final double RATIO = 8;

  private static final int[] CYCLE = {
    0, 3, 1, 0, 4, 2, 0, 5, 1, 0, 6, 7, 0, 8, 1, 0, 9, 2, 0, 10, 1, 0, 11, 12
  };

  private final Gaussian queries;
  private final ScoreForm form; // null where there is one stratum
  private final Stratum[] strata;

  /**
   * One of them.
   *
   * @param probability p_k
   * @param largestScore the largest s in it, +∞ in the last one or where it is not known
   */
  private record Stratum(
      double probability, double largestScore, double low, double high, double theta)
      implements Serializable {}

  private QueryStrata(Gaussian queries, ScoreForm form, Stratum[] strata) {
    this.queries = queries;
    this.form = form;
    this.strata = strata;
  }

  /** One stratum, of all queries. */
  public static QueryStrata none(Gaussian queries) {
    Stratum all = new Stratum(1, Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY, 0);
    return new QueryStrata(queries, null, new Stratum[] {all});
  }

  /**
   * The strata for these tokens, head and queries; one stratum where H² is below a bound, where the
   * norm is constant, and where not every query has a limit.
   *
   * @param fromH2 the bound, ≥ 0
   */
  public static QueryStrata of(TokenMeasure tokens, Head head, Gaussian queries, double fromH2) {
    boolean everyQueryHasALimit =
        tokens instanceof RandomTokens || tokens.proxy().variance() < Double.POSITIVE_INFINITY;
    if (queries.isFixed() || !everyQueryHasALimit) {
      return none(queries);
    }
    QuerySpectrum spectrum = new QuerySpectrum(like(tokens), head, queries);
    if (!(spectrum.h2() >= fromH2 && spectrum.h2() > 0) || spectrum.eigenvalues() == null) {
      return none(queries);
    }
    ScoreForm form = ScoreForm.of(spectrum, queries);
    QuadraticFormLaw law = form.law();
    double[] edges = new double[STRATA + 1];
    double[] beyond = new double[STRATA + 1];
    beyond[0] = 1;
    edges[STRATA] = Double.POSITIVE_INFINITY;
    for (int k = 1; k < STRATA; k++) {
      edges[k] = edge(law, k, Math.max(edges[k - 1], law.mean()));
      beyond[k] = law.survival(edges[k]);
    }
    Stratum[] strata = new Stratum[STRATA];
    for (int k = 0; k < STRATA; k++) {
      strata[k] =
          new Stratum(
              beyond[k] - beyond[k + 1],
              FastMath.sqrt(form.rest() + form.scale() * edges[k + 1]),
              edges[k],
              edges[k + 1],
              k == 0 ? 0 : law.tilt(edges[k]));
    }
    return new QueryStrata(queries, form, strata);
  }

  /** Gaussian tokens of the same covariance, in the mean. */
  private static Gaussian like(TokenMeasure tokens) {
    if (tokens instanceof Gaussian gaussian) {
      return gaussian;
    }
    if (tokens instanceof RandomTokens random) {
      return random.average();
    }
    double[] zero = new double[tokens.dimension()];
    return Gaussian.centred(Covariance.of(tokens.tiltedCovariance(zero).getData()));
  }

  /** r with P(r beyond it) = 8^{−k}, to 1e-3. */
  private static double edge(QuadraticFormLaw law, int k, double below) {
    double goal = -k * FastMath.log(RATIO);
    double high = 1.5 * below;
    while (FastMath.log(law.survival(high)) > goal) {
      high *= 1.5;
    }
    double low = high / 1.5;
    if (FastMath.log(law.survival(low * (1 + 1e-6))) < goal) {
      return low; // the mean itself is further out than that
    }
    return new BracketingNthOrderBrentSolver(1e-4, 1e-6 * low, 5)
        .solve(100, r -> FastMath.log(law.survival(r)) - goal, low * (1 + 1e-6), high);
  }

  /** Number of strata, 1 where queries are not stratified. */
  public int count() {
    return strata.length;
  }

  /** The probability of stratum k. */
  public double probability(int k) {
    return strata[k].probability;
  }

  /** All probabilities. */
  public double[] probabilities() {
    return Arrays.stream(strata).mapToDouble(Stratum::probability).toArray();
  }

  /** An upper bound of the score deviation s of queries in stratum k; +∞ where there is none. */
  public double largestScore(int k) {
    return strata[k].largestScore;
  }

  /** Blocks after which every stratum has had its share: 1 or 24. */
  public int cycle() {
    return strata.length == 1 ? 1 : CYCLE.length;
  }

  /** The stratum of block number {@code block}. */
  public int stratum(long block) {
    return strata.length == 1 ? 0 : CYCLE[(int) (block % CYCLE.length)];
  }

  /** What a prompt of stratum k counts for: its probability over its share of the prompts. */
  public double weight(int k) {
    if (strata.length == 1) {
      return 1;
    }
    long share = Arrays.stream(CYCLE).filter(stratum -> stratum == k).count();
    return strata[k].probability * CYCLE.length / share;
  }

  /** Draws queries of stratum k. */
  public QueryDraw draw(int k) {
    Stratum s = strata[k];
    return strata.length == 1
        ? QueryDraw.of(queries)
        : new StratumDraw(form, s.low, s.high, s.theta);
  }
}
