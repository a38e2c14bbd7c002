package dev.promptlimit.jobs.config;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Reads Gaussian measures, of tokens and of queries. */
final class MeasureReader {
  private MeasureReader() {}

  /** A measure and its description, without the name it may be given. */
  record Described<T>(String content, T value) {}

  /** A query measure for tokens of dimension d. */
  static Optional<Described<Gaussian>> queries(Section section, int d) {
    Optional<String> measure = section.choice(Keys.QUERY_MEASURE);
    if (section.has(Keys.DIMENSION)) {
      section
          .whole(Keys.DIMENSION)
          .filter(own -> own != d)
          .ifPresent(own -> section.rejectShape(Keys.DIMENSION, "the tokens have dimension " + d));
    }
    if (measure.isEmpty()) {
      section.know(Keys.MEAN, Keys.COVARIANCE, Keys.FIXED_VECTOR);
      section.done();
      return Optional.empty();
    }
    Optional<Described<Gaussian>> queries =
        measure.get().equals("fixed")
            ? section
                .vector(Keys.FIXED_VECTOR, d)
                .map(v -> new Described<>("fixed " + text(v), Gaussian.fixed(v)))
            : gaussian(section, d);
    section.done();
    return queries;
  }

  /** mean and covariance of a section. */
  static Optional<Described<Gaussian>> gaussian(Section section, int d) {
    Optional<double[]> mean =
        section.has(Keys.MEAN) ? section.vector(Keys.MEAN, d) : Optional.of(new double[d]);
    Optional<Described<Covariance>> covariance = covariance(section, d);
    if (mean.isEmpty() || covariance.isEmpty()) {
      return Optional.empty();
    }
    String content =
        "gaussian mean " + text(mean.get()) + " covariance " + covariance.get().content;
    return Optional.of(new Described<>(content, new Gaussian(mean.get(), covariance.get().value)));
  }

  /** The covariance of a section, d × d. */
  static Optional<Described<Covariance>> covariance(Section owner, int d) {
    return owner.section(Keys.COVARIANCE).flatMap(child -> covariance(owner, child, d));
  }

  private static Optional<Described<Covariance>> covariance(Section owner, Section section, int d) {
    Optional<String> kind = section.choice(Keys.COVARIANCE_KIND);
    if (kind.isEmpty()) {
      section.know(Keys.VARIANCE, Keys.DIAGONAL, Keys.RHO, Keys.ROWS);
      section.done();
      return Optional.empty();
    }
    Optional<Described<Covariance>> covariance =
        switch (kind.get()) {
          case "identity" ->
              section
                  .number(Keys.VARIANCE)
                  .map(v -> new Described<>("identity " + hex(v), Covariance.identity(d, v)));
          case "diagonal" ->
              section
                  .vector(Keys.DIAGONAL, d)
                  .flatMap(
                      v ->
                          checked(
                              owner,
                              () ->
                                  new Described<>("diagonal " + text(v), Covariance.diagonal(v))));
          case "toeplitz" -> {
            Optional<Double> rho = section.number(Keys.RHO);
            yield section
                .number(Keys.VARIANCE)
                .flatMap(
                    v ->
                        rho.map(
                            r ->
                                new Described<>(
                                    "toeplitz " + hex(r) + " " + hex(v),
                                    Covariance.toeplitz(d, r, v))));
          }
          default ->
              section
                  .matrix(Keys.ROWS, d)
                  .flatMap(
                      rows ->
                          checked(
                              owner,
                              () -> new Described<>("matrix " + text(rows), Covariance.of(rows))));
        };
    section.done();
    return covariance;
  }

  /** What lib refuses is a problem of the section. */
  private static <T> Optional<T> checked(Section owner, Supplier<T> make) {
    try {
      return Optional.of(make.get());
    } catch (IllegalArgumentException e) {
      owner.rejectShape(Keys.COVARIANCE, e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
      return Optional.empty();
    }
  }

  static String hex(double x) {
    return Double.toHexString(x == 0 ? 0.0 : x); // −0 is 0
  }

  static String text(double[] vector) {
    return Arrays.stream(vector)
        .mapToObj(MeasureReader::hex)
        .collect(Collectors.joining(",", "[", "]"));
  }

  static String text(double[][] rows) {
    return Arrays.stream(rows).map(MeasureReader::text).collect(Collectors.joining(",", "[", "]"));
  }
}
