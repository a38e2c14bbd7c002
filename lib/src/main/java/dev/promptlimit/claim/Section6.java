package dev.promptlimit.claim;

import dev.promptlimit.regression.Activation;
import dev.promptlimit.stat.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Heads trained by stochastic gradient descent on prompts of length L, softmax and linear
 * attention: over seeds |R_softmax − R_linear| and the distance of the heads as maps ({@link
 * dev.promptlimit.regression.MapDistance}) are smaller at the longest than at the shortest L, and
 * ridge regression, which is the Bayes predictor, is not worse than either (E. Boursier, C. Boyer,
 * arXiv 2512.11784, Section 6).
 */
public final class Section6 implements Claim {
  @Override
  public String id() {
    return "sec-6";
  }

  @Override
  public Contract contract() {
    return new Contract(
        "Test risks and maps of trained softmax and linear heads are closer at the longest than at"
            + " the shortest prompts, and ridge regression is not worse than either.",
        "paper, Section 6",
        "Inputs are Gaussian, so that maps and ridge risks are known; runs that are incomplete,"
            + " diverged or without a finite risk are named and left out; heads are paired by"
            + " length and replicate.",
        "|R_softmax − R_linear|, what the intervals of both risks leave of it, and the map"
            + " distance, which is exact, at the longest and at the shortest prompts. With 6"
            + " replicates or more Student's paired one-sided test of their mean fall over"
            + " replicates, taken to be normal; with fewer Kendall's exact test of a trend of the"
            + " estimates along all lengths. Risks of ridge regression against those of every"
            + " head.",
        "Neither distance falls; ridge regression is not worse than a head.",
        "A quarter of it for each of four tests: that one of two distances falls, or rises. Risk"
            + " intervals hold with the family's.",
        "A distance that is larger at the longest prompts by the same test and known to be at"
            + " every replicate; or a head whose whole risk interval lies below that of ridge"
            + " regression at its length. Supported needs both distances to fall, and to be known"
            + " to be smaller at every replicate.");
  }

  @Override
  public boolean isAboutPrompts() {
    return false;
  }

  @Override
  public Judgement judge(Measured measured) {
    List<Trained.Run> runs = measured.trained().map(Trained::runs).orElse(List.of());
    for (Activation activation : Activation.values()) {
      if (runs.stream().noneMatch(run -> run.activation() == activation)) {
        return new Judgement(
            Verdict.INADMISSIBLE,
            "it is about trained softmax and linear heads, and this run trains no "
                + activation.id()
                + " head",
            Map.of());
      }
    }
    return new Trial(measured.trained().orElseThrow(), measured.testError() / 4).judge();
  }

  /** One judgement. */
  private static final class Trial {
    private final Trained trained;
    private final double error;
    private final List<Trained.Run> usable;
    private final List<String> leftOut;
    private final Map<String, Object> evidence = new LinkedHashMap<>();

    Trial(Trained trained, double error) {
      this.trained = trained;
      this.error = error;
      List<Trained.Run> runs =
          trained.runs().stream()
              .sorted(
                  Comparator.comparingLong(Trained.Run::promptLength)
                      .thenComparing(Trained.Run::activation)
                      .thenComparingInt(Trained.Run::replicate))
              .toList();
      usable = runs.stream().filter(run -> problem(run).isEmpty()).toList();
      leftOut =
          runs.stream()
              .flatMap(run -> problem(run).map(why -> name(run) + " " + why).stream())
              .toList();
    }

    private static String name(Trained.Run run) {
      return String.format(
          Locale.ROOT,
          "%s, L = %d, replicate %d",
          run.activation().id(),
          run.promptLength(),
          run.replicate());
    }

    private static Optional<String> problem(Trained.Run run) {
      if (run.divergedAt().isPresent()) {
        return Optional.of("(diverged at step " + run.divergedAt().getAsLong() + ")");
      }
      if (!run.complete()) {
        return Optional.of("(incomplete)");
      }
      Interval interval = run.riskInterval();
      return Double.isFinite(run.risk()) && interval.low() <= interval.high()
          ? Optional.empty()
          : Optional.of("(risk " + run.risk() + ")");
    }

    Judgement judge() {
      evidence.put("runs", trained.runs().size());
      evidence.put("leftOut", leftOut.stream().limit(Cells.MOST_ENTRIES).toList());
      Optional<String> belowRidge = belowRidge();
      if (belowRidge.isPresent()) {
        return judgement(Verdict.REFUTED, belowRidge.get());
      }
      if (!trained.gaussian()) {
        return judgement(
            Verdict.UNDECIDED, "maps and ridge risks are known for Gaussian inputs alone");
      }
      TreeSet<Long> lengths = new TreeSet<>();
      trained.runs().forEach(run -> lengths.add(run.promptLength()));
      if (lengths.size() < 2) {
        return judgement(
            Verdict.UNDECIDED,
            "all heads were trained at L = " + lengths.first() + ", two lengths are needed");
      }
      return judge(lengths.first(), lengths.last());
    }

    private Judgement judge(long shortest, long longest) {
      List<HeadPair> all = HeadPair.of(trained.family(), usable);
      evidence.put(
          "pairs", all.stream().limit(Cells.MOST_ENTRIES).map(HeadPair::evidence).toList());
      evidence.put("shortest", shortest);
      evidence.put("longest", longest);
      List<HeadPair> shorter = new ArrayList<>();
      List<HeadPair> longer = new ArrayList<>();
      for (HeadPair pair : all) {
        if (pair.promptLength() == shortest) {
          all.stream()
              .filter(
                  other -> other.promptLength() == longest && other.replicate() == pair.replicate())
              .findFirst()
              .ifPresent(
                  other -> {
                    shorter.add(pair);
                    longer.add(other);
                  });
        }
      }
      if (shorter.isEmpty()) {
        return judgement(
            Verdict.UNDECIDED,
            String.format(
                Locale.ROOT,
                "no replicate has both heads at both L = %d and L = %d",
                shortest,
                longest));
      }
      Decline risks =
          decline(
              "the distance of risks",
              HeadPair::riskDistance,
              pair -> Math.abs(pair.softmax().risk() - pair.linear().risk()),
              all,
              shorter,
              longer);
      Decline maps =
          decline(
              "that of maps",
              pair -> new Interval(pair.mapDistance(), pair.mapDistance()),
              HeadPair::mapDistance,
              all,
              shorter,
              longer);
      evidence.put("risks", risks.evidence());
      evidence.put("maps", maps.evidence());
      Verdict verdict =
          Stream.of(Verdict.REFUTED, Verdict.UNDECIDED)
              .filter(v -> risks.verdict() == v || maps.verdict() == v)
              .findFirst()
              .orElse(Verdict.SUPPORTED);
      String reason =
          String.format(
              Locale.ROOT,
              "from L = %d to %d %s, %s",
              shortest,
              longest,
              risks.reason(),
              maps.reason());
      List<Long> unknown =
          Stream.of(shortest, longest).filter(length -> ridge(length).isEmpty()).toList();
      if (!unknown.isEmpty()) {
        reason += "; the risk of ridge regression is not known at L = " + Cells.list(unknown);
        verdict = verdict == Verdict.SUPPORTED ? Verdict.UNDECIDED : verdict;
      } else {
        reason += "; no head is known to be better than ridge regression";
      }
      return judgement(verdict, reason);
    }

    /** With the trend along all lengths of each replicate, whose pairs come in their order. */
    private Decline decline(
        String name,
        Function<HeadPair, Interval> distance,
        ToDoubleFunction<HeadPair> estimate,
        List<HeadPair> all,
        List<HeadPair> shorter,
        List<HeadPair> longer) {
      return new Decline(
          name,
          shorter.stream().map(distance).toList(),
          longer.stream().map(distance).toList(),
          Trend.of(
              shorter.stream()
                  .map(
                      first ->
                          all.stream()
                              .filter(pair -> pair.replicate() == first.replicate())
                              .map(estimate::applyAsDouble)
                              .toList())
                  .toList()),
          error);
    }

    private Judgement judgement(Verdict verdict, String reason) {
      String rest = leftOut.isEmpty() ? "" : "; left out: " + Cells.list(leftOut);
      return new Judgement(verdict, reason + rest, evidence);
    }

    private Optional<Trained.Ridge> ridge(long length) {
      return trained.ridge().stream()
          .filter(ridge -> ridge.promptLength() == length)
          .filter(ridge -> ridge.interval().low() <= ridge.interval().high())
          .findFirst();
    }

    /** A head that is known to be better than the best, which there should not be. */
    private Optional<String> belowRidge() {
      int compared = 0;
      int above = 0;
      Optional<String> worst = Optional.empty();
      for (Trained.Run run : usable) {
        Optional<Trained.Ridge> ridge = ridge(run.promptLength());
        if (ridge.isEmpty()) {
          continue;
        }
        Interval head = run.riskInterval();
        Interval best = ridge.get().interval();
        compared++;
        above += head.low() > best.high() ? 1 : 0;
        if (worst.isEmpty() && head.high() < best.low()) {
          worst =
              Optional.of(
                  String.format(
                      Locale.ROOT,
                      "%s has the risk %s in [%s, %s], below ridge regression's %s in [%s, %s]",
                      name(run),
                      Cells.text(run.risk()),
                      Cells.text(head.low()),
                      Cells.text(head.high()),
                      Cells.text(ridge.get().risk()),
                      Cells.text(best.low()),
                      Cells.text(best.high())));
        }
      }
      evidence.put("headsAgainstRidge", compared);
      evidence.put("headsKnownToBeWorseThanRidge", above);
      return worst;
    }
  }
}
