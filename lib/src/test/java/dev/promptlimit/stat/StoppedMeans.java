package dev.promptlimit.stat;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * How often intervals for a mean miss it when sampling stops at the first look at which they do:
 * {@link #LOOKS} looks at geometric times, from the first to 100 times as many observations.
 */
final class StoppedMeans {
  static final int LOOKS = 40;
  private static final double HORIZON = 100;

  /** Laws of observations; STRATA is an estimate from three strata of different laws. */
  enum Law {
    EXPONENTIAL(1),
    CHI_SQUARE(1),
    LOG_NORMAL(Math.exp(0.5)),
    STRATA(0.2 * Math.exp(0.5) + 0.5 + 0.3),
    /** 1 with probability 0.01, otherwise 0. */
    TWO_POINT(0.01),
    /** Beta(1, 5). */
    BETA(1 / 6.0),
    /** One of {@link Prompts#POOL}. */
    PROMPTS(Double.NaN);

    private final double mean;

    Law(double mean) {
      this.mean = mean;
    }

    /** What is estimated. */
    double mean() {
      return this == PROMPTS ? Prompts.MEAN : mean; // simulated where it is asked for
    }

    double draw(RandomGenerator random) {
      return switch (this) {
        case PROMPTS -> Prompts.POOL[random.nextInt(Prompts.POOL.length)];
        case EXPONENTIAL -> random.nextExponential();
        case CHI_SQUARE -> square(random.nextGaussian());
        case LOG_NORMAL -> Math.exp(random.nextGaussian());
        case TWO_POINT -> random.nextDouble() < 0.01 ? 1 : 0;
        case BETA -> 1 - Math.pow(random.nextDouble(), 0.2);
        case STRATA -> throw new IllegalStateException("Cannot draw from three laws at once");
      };
    }

    private static double square(double x) {
      return x * x;
    }
  }

  /**
   * What is known at one look.
   *
   * @param strata moments of each stratum, all of the same size
   * @param bounded the first of them
   * @param first observations of a stratum at the first look
   */
  record Look(List<Moments> strata, BernsteinSequence bounded, long first) {
    Moments moments() {
      return strata.get(0);
    }

    /** The sequence of the weighted sum over the strata. */
    Interval strata(double alpha) {
      double mean = 0;
      double variance = 0;
      double third = 0;
      double perDegree = 0;
      for (int s = 0; s < strata.size(); s++) {
        double n = (double) strata.get(s).n();
        double part = WEIGHTS[s] * WEIGHTS[s] * strata.get(s).variance() / n;
        mean += WEIGHTS[s] * strata.get(s).mean();
        variance += part;
        third += WEIGHTS[s] * WEIGHTS[s] * WEIGHTS[s] * strata.get(s).m3() / (n * n * n);
        perDegree += part * part / strata.get(s).freedom();
      }
      return MeanSequence.interval(
          mean,
          Math.sqrt(variance),
          third / Math.pow(variance, 1.5),
          variance * variance / perDegree, // Welch and Satterthwaite
          moments().n() / (double) first,
          alpha);
    }
  }

  /**
   * Squared deviations of 2¹⁷ prompts of 2000 standard normal tokens, softmax of scores 2x, from
   * their limit 2: skewness 20, kurtosis 600. Taken as a law of their own, whose mean is known.
   */
  private static final class Prompts {
    static final double[] POOL = pool();
    static final double MEAN = Arrays.stream(POOL).average().orElseThrow();

    private static double[] pool() {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2000);
      double[] pool = new double[1 << 17];
      for (int i = 0; i < pool.length; i++) {
        double mass = 0;
        double moment = 0;
        for (int l = 0; l < 2000; l++) {
          double x = random.nextGaussian();
          double weight = Math.exp(2 * x);
          mass += weight;
          moment += x * weight;
        }
        pool[i] = Math.pow(moment / mass - 2, 2);
      }
      return pool;
    }
  }

  /** An interval from what is known at a look. */
  interface Method {
    Interval at(Look look);
  }

  private static final Law[] STRATA_LAWS = {Law.LOG_NORMAL, Law.EXPONENTIAL, Law.CHI_SQUARE};
  private static final double[] WEIGHTS = {0.2, 0.5, 0.3};

  private StoppedMeans() {}

  /** Of so many paths those on which each method ever misses the mean. */
  static int[] misses(Law law, int first, int paths, long seed, List<Method> methods) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int[] misses = new int[methods.size()];
    for (int path = 0; path < paths; path++) {
      Look[] looks = path(law, first, random);
      for (int m = 0; m < misses.length; m++) {
        Method method = methods.get(m);
        if (Arrays.stream(looks).anyMatch(look -> !method.at(look).contains(law.mean()))) {
          misses[m]++;
        }
      }
    }
    return misses;
  }

  private static Look[] path(Law law, int first, RandomGenerator random) {
    Law[] laws = law == Law.STRATA ? STRATA_LAWS : new Law[] {law};
    Moments[] strata = new Moments[laws.length];
    Arrays.fill(strata, Moments.EMPTY);
    BernsteinSequence bounded = BernsteinSequence.EMPTY;
    Look[] looks = new Look[LOOKS];
    int end = 0;
    for (int i = 0; i < LOOKS; i++) {
      int begin = end;
      end = (int) Math.round(first * Math.pow(HORIZON, i / (LOOKS - 1.0)));
      double[] x = new double[end - begin];
      for (int s = 0; s < laws.length; s++) {
        for (int j = 0; j < x.length; j++) {
          x[j] = laws[s].draw(random);
        }
        Moments block = Moments.of(x, x.length);
        strata[s] = strata[s].combine(block);
        if (s == 0) {
          bounded = bounded.then(block);
        }
      }
      looks[i] = new Look(List.of(strata), bounded, first);
    }
    return looks;
  }
}
