package dev.promptlimit.claim;

import dev.promptlimit.attention.Head;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.stat.Interval;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.QueryForms;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.util.FastMath;

/*
 * With y = e^{⟨a,x⟩−Λ(a)} and q the deviation from the tilted mean the error is a ratio N²/D² of N = Σyq/L
 * and D = Σy/L, and E N²/D² = E y²q²/L + (−2 E y³q² + 3 E y² E y²q² + …)/L² + … (the terms of a squared
 * covariance are alike). For Gaussian tokens E y^k = e^{(k²−k)s²/2}: the first term is of the size e^{s²},
 * the second e^{3s²}. Averaged over queries, E e^{ks²} is finite for H² < 1/(2k): the second term needs
 * H² < 1/6. Its size is that of the constant itself with 3s² for s², which is what a head √3 U has.
 * For other tokens E y³q² is, under the 3a-tilted law, e^{Λ(3a)−3Λ(a)} E_{3a} q².
 */
/**
 * The cells of one delta-method constant, at several prompt lengths.
 *
 * <p>If the term of order 1/L² is finite, a true constant has a departure |L · error / constant −
 * 1| of a few times R/L, R the ratio of the second coefficient to the first, once L is well above
 * R. Only where the longest prompts have at least {@value #REGIME} R tokens does a departure of
 * more than {@value #TOLERANCE} speak against the constant. Shorter ones may be anywhere: frozen
 * onto one token the ratio is near 0, and it stays there over decades.
 */
final class DeltaGroup {
  /** Within this of 1 the ratio is called near. */
  static final double TOLERANCE = 0.1;

  /** So much shorter are the prompts that the longest are compared with. */
  static final long SPAN = 16;

  /** A true departure falls to 1/16 over that span; one that falls less than to this does not. */
  private static final double SHRUNK = 0.5;

  private static final double REGIME = 256;

  private final List<Observation> cells; // lengths ascending
  private final double secondTerm; // R at the longest prompts
  private final Verdict verdict;

  /** All that R depends on; the length for rounding only. */
  private record Key(Cells.Group group, long length) {}

  DeltaGroup(List<Observation> cells, Memo memo) {
    this.cells = cells.stream().sorted(Comparator.comparing(Observation::length)).toList();
    Key key = new Key(Cells.Group.of(longest()), longest().length());
    secondTerm = memo.of(key, () -> secondTerm(longest()));
    Interval ratio = ratio(longest());
    boolean within =
        longest().length() >= SPAN // at one token there is nothing to be seen of a limit
            && ratio.low() >= 1 - TOLERANCE
            && ratio.high() <= 1 + TOLERANCE;
    verdict = within ? Verdict.SUPPORTED : refuted() ? Verdict.REFUTED : Verdict.UNDECIDED;
  }

  Verdict verdict() {
    return verdict;
  }

  Observation longest() {
    return cells.get(cells.size() - 1);
  }

  String name() {
    return Cells.Group.of(longest()).text();
  }

  /** L · error / constant. */
  private static Interval ratio(Observation cell) {
    return new Interval(
        cell.meanSquare().low() / cell.delta(), cell.meanSquare().high() / cell.delta());
  }

  /** How far from 1 the ratio at the longest prompts may be. */
  double reachOfRatio() {
    return upper(longest());
  }

  /** Largest departure in the interval; +∞ where nothing is known. */
  private static double upper(Observation cell) {
    Interval ratio = ratio(cell);
    double upper = Math.max(Math.abs(ratio.low() - 1), Math.abs(ratio.high() - 1));
    return Double.isNaN(upper) ? Double.POSITIVE_INFINITY : upper;
  }

  /** Smallest departure in the interval; 0 where nothing is known. */
  private static double lower(Observation cell) {
    Interval ratio = ratio(cell);
    double lower = Math.max(ratio.low() - 1, 1 - ratio.high());
    return lower > 0 ? lower : 0;
  }

  private boolean refuted() {
    double least = lower(longest());
    return least > TOLERANCE
        && cells.stream()
            .filter(cell -> cell.length() <= longest().length() / SPAN)
            .anyMatch(cell -> least >= SHRUNK * upper(cell))
        && longest().length() >= REGIME * secondTerm;
  }

  /** R, the size of the coefficient of 1/L² over that of 1/L; +∞ where it has none. */
  static double secondTerm(Observation cell) {
    TokenMeasure tokens = cell.setting().tokens();
    Head head = cell.setting().head();
    Gaussian queries = cell.setting().queries();
    double constant = cell.delta() * cell.length();
    Head stronger = new Head(head.u().scalarMultiply(FastMath.sqrt(3)), head.v());
    double second =
        QueryForms.known(tokens, stronger)
            .map(forms -> DeltaMethod.constants(forms, stronger, queries).get(cell.metric()))
            .orElseGet(() -> constant * ratioAt(tokens, head.u().operate(queries.mean())));
    double size = second / constant;
    return Double.isNaN(size) ? Double.POSITIVE_INFINITY : size;
  }

  /** E y³‖x − m(a)‖² / E y²‖x − m(a)‖² at one query of tilt a. */
  private static double ratioAt(TokenMeasure tokens, double[] a) {
    double[] twice = scaled(a, 2);
    double[] thrice = scaled(a, 3);
    if (tokens.inadmissible(thrice).isPresent() || tokens.inadmissible(twice).isPresent()) {
      return Double.POSITIVE_INFINITY;
    }
    double log = tokens.logMgf(thrice) - tokens.logMgf(twice) - tokens.logMgf(a);
    return FastMath.exp(log) * square(tokens, a, thrice) / square(tokens, a, twice);
  }

  private static double square(TokenMeasure tokens, double[] a, double[] tilt) {
    RealMatrix covariance = tokens.tiltedCovariance(tilt);
    double distance =
        MatrixUtils.createRealVector(tokens.tiltedMean(tilt))
            .getDistance(MatrixUtils.createRealVector(tokens.tiltedMean(a)));
    return covariance.getTrace() + distance * distance;
  }

  private static double[] scaled(double[] a, double factor) {
    return MatrixUtils.createRealVector(a).mapMultiply(factor).toArray();
  }

  String reason() {
    Interval ratio = ratio(longest());
    String seen =
        String.format(
            Locale.ROOT,
            "%s: at L = %d L · error / constant is in [%s, %s]",
            name(),
            longest().length(),
            Cells.text(ratio.low()),
            Cells.text(ratio.high()));
    return switch (verdict) {
      case SUPPORTED -> seen + ", the furthest from 1 of all groups";
      case REFUTED ->
          seen
              + String.format(
                  Locale.ROOT,
                  ", no nearer than at prompts %d times shorter, and the next term is %s of the"
                      + " first",
                  SPAN,
                  Cells.percent(secondTerm / longest().length()));
      default -> seen;
    };
  }

  Map<String, Object> evidence() {
    Map<String, Object> entry = new LinkedHashMap<>();
    Interval ratio = ratio(longest());
    entry.put("group", name());
    entry.put("verdict", verdict.name());
    entry.put("constant", longest().delta() * longest().length());
    entry.put("longestPrompt", longest().length());
    entry.put("ratio", longest().mean() / longest().delta());
    entry.put("ratioLow", ratio.low());
    entry.put("ratioHigh", ratio.high());
    entry.put("exactRatio", longest().exact() / longest().delta());
    entry.put("nextTerm", secondTerm / longest().length());
    Optional<Observation> shorter =
        cells.stream()
            .filter(cell -> cell.length() <= longest().length() / SPAN)
            .reduce((first, second) -> second);
    shorter.ifPresent(
        cell -> {
          entry.put("shorterPrompt", cell.length());
          entry.put("ratioAtShorterPrompt", cell.mean() / cell.delta());
        });
    return entry;
  }
}
