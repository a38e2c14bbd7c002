package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.NormalStream;
import dev.promptlimit.random.StreamKey;
import dev.promptlimit.stat.ErrorBudget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.RealMatrix;

/**
 * Lemma 2.1 of E. Boursier, C. Boyer, arXiv 2512.11784: for tokens N(m, Γ) attention on an infinite
 * prompt is affine,
 *
 * <pre>
 *   T[μ](z) = V(m + ΓUz),   z ~ N(m, Γ)  ⇒  T[μ](z) ~ N(V(m + ΓUm), VΓUΓUᵀΓVᵀ).
 * </pre>
 *
 * <p>It says nothing of finite prompts, so it is not judged by cells but for each of their tokens
 * and heads: the map against integration ({@link TiltedQuadrature}) and against tokens as they are
 * drawn ({@link TokenMoments}), the law of what the integration gives at random queries against the
 * claimed one ({@link LawTests}). Never against its own formula.
 *
 * <p>Smallest effects found with probability one half, at the usual 5 standard errors: the map, by
 * integration, 1e-10 of it; by tokens, 0.02 standard deviations of a token's image; the covariance,
 * 5√(2/(n r)) of its size, n queries and rank r, 3 to 4 % for r = d up to 256.
 */
public final class Lemma21 implements Claim {
  /** Integration and formula agree to this of the sizes of their terms. */
  static final double QUADRATURE = 1e-10;

  /** Coordinates drawn for the law: n queries of d. */
  private static final int COORDINATES = 1 << 16;

  private static final int MOST_QUERIES = 1 << 15;
  private static final int FEWEST_QUERIES = 256;

  private final AffineMap claimed;

  /** The lemma. */
  public Lemma21() {
    this(AffineMap.PUBLISHED);
  }

  /** Another formula, for tests. */
  Lemma21(AffineMap claimed) {
    this.claimed = claimed;
  }

  @Override
  public String id() {
    return "lemma-2.1";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "For tokens N(m,Γ) attention on an infinite prompt is the affine map z ↦ V(m + ΓUz), and it"
            + " maps queries N(m,Γ) to N(V(m + ΓUm), VΓUΓUᵀΓVᵀ).",
        "paper, Lemma 2.1",
        "Tokens are Gaussian, Γ may be singular; each pair of tokens and head of the run is tested"
            + " once, at queries of the lemma, not at those of the run.",
        "(a) V(m + ΓUz) against numerical integration; (b) t statistics of (Vx − T(z)) e^⟨Uz,x⟩"
            + " over tokens as drawn, the query scaled to s ≤ 1; (c) χ² statistics of mean, size,"
            + " eight directions and shape of integrated T(z), whitened by the claimed law.",
        "The formulas hold.",
        "The share of the family error for the claim's own tests, shared by all tests of (b) and"
            + " (c) of all pairs as the intervals share theirs: pairs may be added.",
        "Integration that differs by more than 1e-10 of the sizes of its terms, or one rejection;"
            + " a pair of which something is not a finite number is left undecided.");
  }

  /** The names of tokens and head. */
  private record Pair(String tokens, String head) {
    String text() {
      return tokens + ", " + head;
    }
  }

  /** All that findings depend on. */
  private record Key(AffineMap claimed, Pair pair, long seed) {}

  /**
   * What the tests of a pair found.
   *
   * @param missing what is not a finite number, and leaves the pair undecided; empty if all is
   */
  private record Findings(
      Pair pair,
      int queries,
      int tokens,
      double difference,
      List<LawTests.Outcome> outcomes,
      Optional<String> missing) {
    static Findings missing(Pair pair, String what) {
      return new Findings(pair, 0, 0, Double.NaN, List.of(), Optional.of(what));
    }
  }

  @Override
  public Judgement judge(Measured measured) {
    Map<Pair, Setting> pairs = new LinkedHashMap<>();
    for (Observation cell : measured.cells()) {
      if (Cells.isGaussian(cell)) {
        pairs.putIfAbsent(new Pair(cell.tokens(), cell.head()), cell.setting());
      }
    }
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("pairs", pairs.size());
    if (pairs.isEmpty()) {
      return new Judgement(
          Verdict.INADMISSIBLE,
          "none of the " + measured.cells().size() + " cells has Gaussian tokens",
          evidence);
    }
    List<Findings> all = new ArrayList<>();
    int tests = 0;
    for (Map.Entry<Pair, Setting> entry : pairs.entrySet()) {
      Key key = new Key(claimed, entry.getKey(), measured.seed());
      all.add(measured.memo().of(key, () -> findings(key, entry.getValue())));
      tests += LawTests.TESTS + TokenMoments.tests(entry.getValue().head());
    }
    double alpha = ErrorBudget.member(measured.testError(), tests);
    evidence.put("tests", tests);
    evidence.put("errorPerTest", alpha);
    evidence.put("entries", all.stream().limit(Cells.MOST_ENTRIES).map(Lemma21::entry).toList());
    return together(all, tests, alpha, evidence);
  }

  /** Refuted if one pair is; else undecided if one is; else supported. */
  private static Judgement together(
      List<Findings> all, int tests, double alpha, Map<String, Object> evidence) {
    List<Findings> known = all.stream().filter(f -> f.missing().isEmpty()).toList();
    Optional<Findings> unknown = all.stream().filter(f -> f.missing().isPresent()).findFirst();
    evidence.put("pairsUndecided", all.size() - known.size());
    if (!known.isEmpty()) {
      Judgement judgement = verdict(known, tests, alpha, evidence);
      if (judgement.verdict() == Verdict.REFUTED || unknown.isEmpty()) {
        return judgement;
      }
    }
    return new Judgement(Verdict.UNDECIDED, reason(unknown.orElseThrow()), evidence);
  }

  private static String reason(Findings unknown) {
    return unknown.pair().text()
        + ": "
        + unknown.missing().orElseThrow()
        + " is not a finite number";
  }

  private static Judgement verdict(
      List<Findings> all, int tests, double alpha, Map<String, Object> evidence) {
    Findings furthest = all.stream().max(Comparator.comparing(Findings::difference)).orElseThrow();
    Findings rarest = all.stream().min(Comparator.comparing(f -> least(f).pValue())).orElseThrow();
    evidence.put("largestDifference", furthest.difference());
    evidence.put("smallestPValue", least(rarest).pValue());
    if (furthest.difference() > QUADRATURE) {
      return new Judgement(
          Verdict.REFUTED,
          String.format(
              Locale.ROOT,
              "%s: the map differs from integration by %.2g of its terms, more than %.0e",
              furthest.pair().text(),
              furthest.difference(),
              QUADRATURE),
          evidence);
    }
    boolean rejected = least(rarest).pValue() < alpha;
    return new Judgement(
        rejected ? Verdict.REFUTED : Verdict.SUPPORTED,
        String.format(
            Locale.ROOT,
            "%s: the smallest of %d p-values is %.2g (%s), a test rejects below %.2g; integration"
                + " agrees to %.1g",
            rarest.pair().text(),
            tests,
            least(rarest).pValue(),
            least(rarest).test(),
            alpha,
            furthest.difference()),
        evidence);
  }

  private static LawTests.Outcome least(Findings findings) {
    return findings.outcomes().stream()
        .min(Comparator.comparing(LawTests.Outcome::pValue))
        .orElse(new LawTests.Outcome("none, the law is a point", 1));
  }

  private Findings findings(Key of, Setting setting) {
    Pair pair = of.pair();
    String name = "lemma-2.1\n" + pair.tokens() + "\n" + pair.head();
    StreamKey key = new StreamKey(of.seed(), name, 0, 0);
    Gaussian tokens = (Gaussian) setting.tokens();
    Head head = setting.head();
    int d = head.dimension();
    TiltedQuadrature quadrature = new TiltedQuadrature(tokens, head);
    NormalStream normals = new NormalStream(key);
    double[] mean = tokens.mean();
    double[] eps = new double[d];
    double[] size = new double[head.outputs()];
    double[] first = null;
    List<double[]> outputs = new ArrayList<>();
    double difference = 0;
    double largestSize = 0;
    int wanted = Math.max(FEWEST_QUERIES, Math.min(MOST_QUERIES, COORDINATES / d));
    while (outputs.size() < wanted) {
      normals.fill(eps, 0, d);
      double[] z = new double[d];
      tokens.covariance().multiplyRoot(eps, 0, z, 0);
      for (int i = 0; i < d; i++) {
        z[i] += mean[i];
      }
      first = first == null ? z : first;
      double[] integrated = quadrature.output(z, size);
      if (!finite(integrated) || !finite(size)) {
        return Findings.missing(pair, "the integrated map");
      }
      double[] stated = claimed.output(tokens, head, z);
      if (!finite(stated)) {
        return Findings.missing(pair, "the stated map");
      }
      for (int i = 0; i < size.length; i++) {
        double off = Math.abs(integrated[i] - stated[i]);
        difference = Math.max(difference, off == 0 ? 0 : off / size[i]);
        largestSize = Math.max(largestSize, size[i]);
      }
      outputs.add(integrated);
    }
    double[] moderate = TokenMoments.moderate(tokens, head, first);
    double[] limit = claimed.output(tokens, head, moderate);
    double[] lawMean = claimed.mean(tokens, head);
    RealMatrix lawCovariance = claimed.covariance(tokens, head);
    if (!finite(lawMean) || !Double.isFinite(lawCovariance.getFrobeniusNorm())) {
      return Findings.missing(pair, "the stated law");
    }
    List<LawTests.Outcome> outcomes =
        new ArrayList<>(TokenMoments.of(tokens, head, moderate, limit, key.withSubstream(1)));
    outcomes.addAll(
        LawTests.of(outputs, lawMean, lawCovariance, largestSize, key.withSubstream(3)));
    Optional<String> missing =
        outcomes.stream()
            .filter(outcome -> Double.isNaN(outcome.pValue()))
            .map(outcome -> "the statistic of test " + outcome.test())
            .findFirst();
    int drawn = TokenMoments.tokens(head);
    return new Findings(pair, outputs.size(), drawn, difference, outcomes, missing);
  }

  private static boolean finite(double[] values) {
    return Arrays.stream(values).allMatch(Double::isFinite);
  }

  private static Map<String, Object> entry(Findings findings) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("pair", findings.pair().text());
    if (findings.missing().isPresent()) {
      entry.put("missing", reason(findings));
      return entry;
    }
    entry.put("queries", findings.queries());
    entry.put("tokens", findings.tokens());
    entry.put("differenceFromIntegration", findings.difference());
    entry.put("smallestPValue", least(findings).pValue());
    entry.put("smallestPValueOf", least(findings).test());
    return entry;
  }
}
