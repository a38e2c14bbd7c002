package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.attention.Setting;
import dev.promptlimit.claim.Claim;
import dev.promptlimit.claim.Claims;
import dev.promptlimit.random.StreamKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The keys of an experiment file, each with its default and range. */
final class Keys {
  /** Largest dimension of tokens and largest number of rows of a value matrix. */
  static final int MAX_DIMENSION = 1024;

  /** Most lengths in a list. */
  static final int MAX_LENGTHS = 1000;

  // Top level

  /** Names the run directory. */
  static final Key.Text NAME =
      new Key.Text(
          "name",
          "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
          "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
          Optional.empty());

  /** Fixes every random number of the run. */
  static final Key.Whole SEED =
      new Key.Whole("seed", Long.MIN_VALUE, Long.MAX_VALUE, Optional.empty());

  /** Version of the random streams, written into resolved files; another one is refused. */
  static final Key.Whole STREAM_VERSION =
      new Key.Whole(
          "stream-version",
          StreamKey.STREAM_VERSION,
          StreamKey.STREAM_VERSION,
          Optional.of((long) StreamKey.STREAM_VERSION));

  /** Where tokens come from. */
  static final Key.Sub TOKENS = new Key.Sub("tokens", "a measure, or a list of named measures");

  /** Where queries come from; prompts of regression bring their own. */
  static final Key.Sub QUERIES = new Key.Sub("queries", "a measure, or a list of named measures");

  /** The heads under test. */
  static final Key.Sub HEADS = new Key.Sub("heads", "a list of named heads, at least one");

  /** Tokens per prompt. */
  static final Key.Sub PROMPT_LENGTHS =
      new Key.Sub(
          "prompt-lengths",
          "{ from, to, factor }, or a list of 1 to "
              + MAX_LENGTHS
              + " different whole numbers from 1 to "
              + Setting.MAX_PROMPT_LENGTH);

  /** What is measured. */
  static final Key.Words METRICS = new Key.Words("metrics", metricIds(), Optional.of(metricIds()));

  /** How prompts are simulated. */
  static final Key.Choice SAMPLER =
      new Key.Choice(
          "sampler", List.of("auto", "exact-reduced", "brute-force"), Optional.of("auto"));

  /** Whether rare queries are drawn on purpose. */
  static final Key.Choice QUERY_STRATA =
      new Key.Choice("query-strata", List.of("auto", "always", "never"), Optional.of("auto"));

  /** How many prompts are simulated. */
  static final Key.Sub BUDGET =
      new Key.Sub(
          "budget",
          "{ prompts-per-cell }, or { relative-error, confidence, max-prompts-per-cell }");

  /** What is judged. */
  static final Key.Sub CLAIMS = new Key.Sub("claims", "{ ids, family-error }");

  // Measures

  /** Name of a measure or head in results. */
  static final Key.Text LABEL =
      new Key.Text(
          "name",
          "[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\uFFFE\\uFFFF]{1,100}",
          "1 to 100 characters, no control characters",
          Optional.empty());

  /** Family of a token measure. */
  static final Key.Choice TOKEN_MEASURE =
      new Key.Choice(
          "measure",
          List.of(
              "gaussian",
              "rademacher",
              "uniform-cube",
              "uniform-sphere",
              "gaussian-mixture",
              "vocabulary",
              "laplace",
              "student-t",
              "regression"),
          Optional.empty());

  /** Family of a query measure. */
  static final Key.Choice QUERY_MEASURE =
      new Key.Choice("measure", List.of("gaussian", "fixed"), Optional.empty());

  /**
   * Number of coordinates d, of an input where tokens are those of regression; queries take that of
   * the tokens, a vocabulary that of its file.
   */
  static final Key.Whole DIMENSION = new Key.Whole("dimension", 1, MAX_DIMENSION, Optional.empty());

  /** Mean of a Gaussian; zeros where it is not given. */
  static final Key.Vector MEAN = new Key.Vector("mean", Optional.empty());

  /** The one query of a fixed measure. */
  static final Key.Vector FIXED_VECTOR = new Key.Vector("vector", Optional.empty());

  /** Covariance of a Gaussian. */
  static final Key.Sub COVARIANCE = new Key.Sub("covariance", "{ kind, … }");

  /** Shape of a covariance. */
  static final Key.Choice COVARIANCE_KIND =
      new Key.Choice(
          "kind", List.of("identity", "diagonal", "toeplitz", "matrix"), Optional.empty());

  /** Variance of every coordinate (identity and toeplitz). */
  static final Key.Real VARIANCE = variance("variance", 1.0);

  /** Correlation of neighbouring coordinates. */
  static final Key.Real RHO =
      new Key.Real("rho", rho -> rho >= -1 && rho <= 1, "numbers from -1 to 1", Optional.empty());

  /** Variances of a diagonal covariance. */
  static final Key.Vector DIAGONAL = new Key.Vector("diagonal", Optional.empty());

  /** Rows of an explicit matrix. */
  static final Key.Matrix ROWS = new Key.Matrix("rows", Optional.empty());

  /** Size of the coordinates ±c of rademacher tokens; b of laplace tokens. */
  static final Key.Real TOKEN_SCALE = positive("scale", Optional.of(1.0));

  /** Half the side of a cube. */
  static final Key.Real HALF_WIDTH = positive("half-width", Optional.of(1.0));

  /** Radius of a sphere. */
  static final Key.Real RADIUS = positive("radius", Optional.of(1.0));

  /** Degrees of freedom of Student's t. */
  static final Key.Real DEGREES_OF_FREEDOM = positive("degrees-of-freedom", Optional.empty());

  /** Components of a mixture. */
  static final Key.Sub COMPONENTS =
      new Key.Sub("components", "a list of { weight, mean, covariance }, at least one");

  /** What the probability of a component is proportional to. */
  static final Key.Real WEIGHT = positive("weight", Optional.empty());

  /** Parquet file of a vocabulary, or a folder of them. */
  static final Key.Text FILE = new Key.Text("file", "[^\\x00]+", "a path", Optional.empty());

  /** Column of embeddings. */
  static final Key.Text EMBEDDING =
      new Key.Text("embedding", ".+", "the name of a column", Optional.of("embedding"));

  /** Column of frequencies; all equal where it is not given. */
  static final Key.Text FREQUENCY =
      new Key.Text("frequency", ".+", "the name of a column", Optional.empty());

  // Tasks of in-context linear regression

  /** Number of coordinates d of tasks and inputs; tokens and queries have one more. */
  static final Key.Whole INPUT_DIMENSION =
      new Key.Whole("dimension", 1, MAX_DIMENSION - 1, Optional.empty());

  /** τ², the variance of the coordinates of a task. */
  static final Key.Real TASK_VARIANCE = variance("task-variance", 1.0);

  /** σ², the variance of the noise of labels. */
  static final Key.Real NOISE_VARIANCE = variance("noise-variance", 0.0);

  /** How inputs and queries are made from their covariance. */
  static final Key.Choice DATA =
      new Key.Choice("data", List.of("as-published", "as-released"), Optional.of("as-published"));

  // Heads

  /** U = W_KᵀW_Q. */
  static final Key.Sub QUERY_KEY = new Key.Sub("query-key", "{ kind, … }");

  /** Shape of U. */
  static final Key.Choice QUERY_KEY_KIND =
      new Key.Choice(
          "kind",
          List.of("scaled-identity", "matrix", "random", "trained-limit", "flow", "trained"),
          Optional.empty());

  /** α, the size at which a flow begins. */
  static final Key.Real ALPHA =
      new Key.Real(
          "alpha",
          alpha -> alpha >= 1e-100 && alpha <= 1e100,
          "numbers from 1e-100 to 1e100",
          Optional.empty());

  /** Θ, the direction in which a flow begins; the identity where it is not given. */
  static final Key.Sub THETA = new Key.Sub("theta", "{ kind, … }");

  /** Shape of Θ. */
  static final Key.Choice THETA_KIND =
      new Key.Choice("kind", List.of("identity", "matrix", "random"), Optional.empty());

  /** Times of a flow, one head each. */
  static final Key.Rising TIMES =
      new Key.Rising("times", 0, "a list of 1 to 1000 rising finite numbers ≥ 0");

  /** c in U = c I. */
  static final Key.Real SCALE =
      new Key.Real("scale", Double::isFinite, "finite numbers", Optional.empty());

  /** V. */
  static final Key.Sub VALUE = new Key.Sub("value", "{ kind, … }");

  /** Shape of V. */
  static final Key.Choice VALUE_KIND =
      new Key.Choice("kind", List.of("identity", "row", "matrix", "random"), Optional.empty());

  /** The row of a one-row V. */
  static final Key.Vector ROW = new Key.Vector("vector", Optional.empty());

  /** Number of rows of a random V. */
  static final Key.Whole OUTPUTS = new Key.Whole("outputs", 1, MAX_DIMENSION, Optional.empty());

  /** Operator norm of a random matrix. */
  static final Key.Real NORM =
      new Key.Real(
          "norm",
          norm -> norm >= 0 && norm < Double.POSITIVE_INFINITY,
          "finite numbers ≥ 0",
          Optional.of(1.0));

  // Prompt lengths

  /** First length. */
  static final Key.Whole FROM =
      new Key.Whole("from", 1, Setting.MAX_PROMPT_LENGTH, Optional.empty());

  /** No length is longer. */
  static final Key.Whole TO = new Key.Whole("to", 1, Setting.MAX_PROMPT_LENGTH, Optional.empty());

  /** From one length to the next. */
  static final Key.Real FACTOR =
      new Key.Real(
          "factor",
          factor -> factor >= 1.01 && factor <= 1e6,
          "numbers from 1.01 to 1000000",
          Optional.of(2.0));

  // Budget and claims

  /** Prompts per cell, rounded up to whole blocks. */
  static final Key.Whole PROMPTS_PER_CELL =
      new Key.Whole("prompts-per-cell", 1, 1L << 53, Optional.empty());

  /** Half-width of a mean square's interval over the mean square at which a cell has enough. */
  static final Key.Real RELATIVE_ERROR =
      new Key.Real(
          "relative-error",
          error -> error >= 1e-4 && error <= 1,
          "numbers from 0.0001 to 1",
          Optional.empty());

  /** Confidence of that interval. */
  static final Key.Real CONFIDENCE =
      new Key.Real(
          "confidence",
          confidence -> confidence >= 0.5 && confidence <= 1 - 1e-12,
          "numbers from 0.5 to 0.999999999999",
          Optional.of(0.99));

  /** No cell gets more prompts, rounded up to whole blocks. */
  static final Key.Whole MAX_PROMPTS_PER_CELL =
      new Key.Whole("max-prompts-per-cell", 1, 1L << 53, Optional.empty());

  /** Statements to judge. */
  static final Key.Words CLAIM_IDS =
      new Key.Words("ids", Claims.all().stream().map(Claim::id).toList(), Optional.of(List.of()));

  /** Probability that any interval or verdict of the run is wrong. */
  static final Key.Real FAMILY_ERROR =
      new Key.Real(
          "family-error",
          error -> error >= 1e-12 && error <= 0.5,
          "numbers from 1e-12 to 0.5",
          Optional.of(1e-3));

  private Keys() {}

  private static Key.Real positive(String name, Optional<Double> fallback) {
    return new Key.Real(
        name, x -> x > 0 && x < Double.POSITIVE_INFINITY, "finite numbers > 0", fallback);
  }

  private static Key.Real variance(String name, double fallback) {
    return new Key.Real(
        name,
        v -> v >= 0 && v < Double.POSITIVE_INFINITY,
        "finite numbers ≥ 0",
        Optional.of(fallback));
  }

  private static List<String> metricIds() {
    return Arrays.stream(Metric.values()).map(Metric::id).toList();
  }
}
