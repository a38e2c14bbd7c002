package dev.promptlimit.jobs.evaluate;

import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.measure.GaussianMixture;
import dev.promptlimit.measure.Laplace;
import dev.promptlimit.measure.Rademacher;
import dev.promptlimit.measure.StudentT;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.measure.UniformCube;
import dev.promptlimit.measure.UniformSphere;
import dev.promptlimit.measure.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A token measure and a tilt, {@code {measure, parameters, a}}: log-MGF, tilted mean and
 * covariance. The dimension is that of the tilt.
 */
final class MeasureItem {
  private static final String NAMES =
      "gaussian, rademacher, uniform-cube, uniform-sphere, gaussian-mixture, vocabulary, laplace,"
          + " student-t";

  private static final int MOST_COORDINATES = 1024;

  private MeasureItem() {}

  static Answer answer(Field item) {
    String name = item.get("measure").text(NAMES);
    Field parameters = item.get("parameters").object();
    double[] a = item.get("a").vector(Field.ANY);
    if (a.length > MOST_COORDINATES) { // covariances are written in full
      throw new IllegalArgumentException(
          "a has length " + a.length + ", allowed: 1 to " + MOST_COORDINATES);
    }
    TokenMeasure measure = measure(name, parameters, a.length, item);
    Optional<String> inadmissible = measure.inadmissible(a);
    Answer answer = new Answer().repeat(item, "measure").put("log_mgf", measure.logMgf(a));
    if (inadmissible.isPresent()) {
      return answer
          .putNull("tilted_mean")
          .putNull("tilted_covariance")
          .put("inadmissible", inadmissible.get());
    }
    return answer
        .put("tilted_mean", measure.tiltedMean(a))
        .put("tilted_covariance", measure.tiltedCovariance(a));
  }

  private static TokenMeasure measure(String name, Field parameters, int d, Field item) {
    return switch (name) {
      case "gaussian" -> gaussian(parameters, d);
      case "rademacher" -> new Rademacher(d, parameters.get("scale").positive());
      case "uniform-cube" -> new UniformCube(d, parameters.get("half_width").positive());
      case "uniform-sphere" -> sphere(parameters, d);
      case "gaussian-mixture" -> mixture(parameters, d);
      case "vocabulary" -> vocabulary(parameters, d);
      case "laplace" -> new Laplace(d, parameters.get("scale").positive());
      case "student-t" -> new StudentT(d, parameters.get("degrees_of_freedom").positive());
      default -> throw item.get("measure").refusal(NAMES);
    };
  }

  private static Gaussian gaussian(Field parameters, int d) {
    double[] mean = parameters.has("mean") ? parameters.get("mean").vector(d) : new double[d];
    return new Gaussian(mean, parameters.get("covariance").covariance(d));
  }

  private static UniformSphere sphere(Field parameters, int d) {
    if (parameters.has("d")) {
      parameters.get("d").number(d, d, d + ", the number of entries of a");
    }
    return new UniformSphere(d, parameters.get("radius").positive());
  }

  private static GaussianMixture mixture(Field parameters, int d) {
    Field[] weights = parameters.get("weights").entries(Field.ANY);
    Field[] means = parameters.get("means").entries(weights.length);
    Field[] covariances = parameters.get("covariances").entries(weights.length);
    double[] probabilities = new double[weights.length];
    List<Gaussian> components = new ArrayList<>();
    for (int k = 0; k < weights.length; k++) {
      probabilities[k] = weights[k].positive();
      components.add(new Gaussian(means[k].vector(d), covariances[k].covariance(d)));
    }
    return parameters.check(() -> new GaussianMixture(probabilities, components));
  }

  private static Vocabulary vocabulary(Field parameters, int d) {
    Field[] entries = parameters.get("probabilities").entries(Field.ANY);
    double[] probabilities = new double[entries.length];
    for (int k = 0; k < entries.length; k++) {
      probabilities[k] = entries[k].notNegative();
    }
    double[][] embeddings = parameters.get("embeddings").matrix(entries.length, d);
    return parameters.check(() -> new Vocabulary(probabilities, embeddings));
  }
}
