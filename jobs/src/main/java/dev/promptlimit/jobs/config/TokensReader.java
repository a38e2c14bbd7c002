package dev.promptlimit.jobs.config;

import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import dev.promptlimit.regression.RegressionTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/** Reads token measures. */
final class TokensReader {
  private TokensReader() {}

  /** A token measure; a vocabulary's dimension comes from its file, all others' must be given. */
  static Optional<Described<TokenMeasure>> tokens(Section section) {
    Optional<String> measure = section.choice(Keys.TOKEN_MEASURE);
    Optional<Described<TokenMeasure>> tokens = Optional.empty();
    if (measure.filter("vocabulary"::equals).isPresent()) {
      tokens = vocabulary(section);
    } else {
      Optional<Integer> d = section.whole(Keys.DIMENSION).map(Long::intValue);
      if (measure.isPresent()) {
        // of one coordinate where the dimension is in trouble: the rest has problems to report too
        tokens =
            family(measure.get(), d.isPresent() ? section : section.ofUnknownShape(), d.orElse(1))
                .filter(made -> d.isPresent());
      } else {
        section.know(
            Keys.MEAN,
            Keys.COVARIANCE,
            Keys.TOKEN_SCALE,
            Keys.HALF_WIDTH,
            Keys.RADIUS,
            Keys.COMPONENTS,
            Keys.FILE,
            Keys.EMBEDDING,
            Keys.FREQUENCY,
            Keys.DEGREES_OF_FREEDOM,
            Keys.TASK_VARIANCE,
            Keys.NOISE_VARIANCE,
            Keys.DATA);
      }
    }
    section.done();
    return tokens;
  }

  /** Whether these are the tokens of regression, which bring their own queries. */
  static boolean isRegression(Section section) {
    return section.peek(Keys.TOKEN_MEASURE).filter("regression"::equals).isPresent();
  }

  /** The dimension that is given, where it is and where it can be used; that of tokens. */
  static Optional<Integer> statedDimension(Section section) {
    int more = isRegression(section) ? 1 : 0;
    return section.has(Keys.DIMENSION)
        ? section.whole(Keys.DIMENSION).map(d -> d.intValue() + more)
        : Optional.empty();
  }

  private static Optional<Described<TokenMeasure>> family(String measure, Section section, int d) {
    return switch (measure) {
      case "rademacher" ->
          of(measure, section, Keys.TOKEN_SCALE, d, scale -> new Rademacher(d, scale));
      case "uniform-cube" ->
          of(measure, section, Keys.HALF_WIDTH, d, width -> new UniformCube(d, width));
      case "uniform-sphere" ->
          of(measure, section, Keys.RADIUS, d, radius -> new UniformSphere(d, radius));
      case "laplace" -> of(measure, section, Keys.TOKEN_SCALE, d, scale -> new Laplace(d, scale));
      case "student-t" -> of(measure, section, Keys.DEGREES_OF_FREEDOM, d, n -> new StudentT(d, n));
      case "gaussian-mixture" -> mixture(section, d);
      case "regression" -> regression(section.ofInputs(), d);
      default ->
          MeasureReader.gaussian(section, d)
              .map(made -> new Described<>(made.content(), made.value()));
    };
  }

  /** A measure of one parameter. */
  private static Optional<Described<TokenMeasure>> of(
      String measure, Section section, Key.Real key, int d, DoubleFunction<TokenMeasure> make) {
    return section
        .number(key)
        .map(
            x ->
                new Described<>(
                    measure + " dimension " + d + " " + key.name() + " " + MeasureReader.hex(x),
                    make.apply(x)));
  }

  private static Optional<Described<TokenMeasure>> regression(Section section, int d) {
    boolean tooLarge = d >= Keys.MAX_DIMENSION;
    if (tooLarge) {
      section.rejectShape(
          Keys.DIMENSION,
          "tokens have one coordinate more, allowed: whole numbers from 1 to "
              + (Keys.MAX_DIMENSION - 1));
    }
    return TaskReader.family(tooLarge ? section.ofUnknownShape() : section, tooLarge ? 1 : d)
        .filter(made -> !tooLarge)
        .map(made -> new Described<>(made.content(), new RegressionTokens(made.value())));
  }

  private static Optional<Described<TokenMeasure>> mixture(Section section, int d) {
    List<Section> components = section.sections(Keys.COMPONENTS);
    List<Double> weights = new ArrayList<>();
    List<Described<Gaussian>> gaussians = new ArrayList<>();
    for (Section component : components) {
      component.number(Keys.WEIGHT).ifPresent(weights::add);
      MeasureReader.gaussian(component, d).ifPresent(gaussians::add);
      component.done();
    }
    if (components.isEmpty()
        || weights.size() < components.size()
        || gaussians.size() < components.size()) {
      return Optional.empty(); // reported already
    }
    double[] shares = weights.stream().mapToDouble(Double::doubleValue).toArray();
    String content =
        gaussians.stream()
            .map(Described::content)
            .collect(
                Collectors.joining(
                    "; ", "gaussian-mixture " + MeasureReader.text(shares) + " of ", ""));
    try {
      return Optional.of(
          new Described<>(
              content,
              new GaussianMixture(shares, gaussians.stream().map(Described::value).toList())));
    } catch (IllegalArgumentException e) { // the sum of the weights overflows
      section.reject(Keys.COMPONENTS, e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
      return Optional.empty();
    }
  }

  private static Optional<Described<TokenMeasure>> vocabulary(Section section) {
    Optional<String> file = section.text(Keys.FILE);
    Optional<String> embedding = section.text(Keys.EMBEDDING);
    Optional<String> frequency =
        section.has(Keys.FREQUENCY) ? section.text(Keys.FREQUENCY) : Optional.empty();
    Optional<Integer> stated = statedDimension(section);
    if (file.isEmpty() || embedding.isEmpty()) {
      return Optional.empty(); // reported already
    }
    VocabularyFile table;
    try {
      table = VocabularyFile.read(Path.of(file.get()), embedding.get(), frequency);
    } catch (VocabularyFile.Unusable e) {
      section.reject(e.key(), e.getMessage());
      return Optional.empty();
    }
    Vocabulary vocabulary = new Vocabulary(table.frequencies(), table.embeddings());
    int d = vocabulary.dimension();
    if (stated.isPresent() && stated.get() != d) {
      section.reject(Keys.DIMENSION, "the embeddings of the file have " + d + " entries");
      return Optional.empty();
    }
    String content =
        "vocabulary dimension "
            + d
            + " entries "
            + table.frequencies().length
            + " sha-256 "
            + Hash.of(table.frequencies(), table.embeddings());
    return Optional.of(new Described<>(content, vocabulary));
  }
}
