package dev.promptlimit.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** The items of {@code reference/measures.json}: a measure and a tilt each. */
final class ReferenceMeasures {
  private ReferenceMeasures() {}

  /** One item. */
  record Item(JsonNode json) {
    TokenMeasure measure() {
      JsonNode parameters = json.get("parameters");
      int d = json.get("a").size();
      return switch (json.get("measure").asText()) {
        case "rademacher" -> new Rademacher(d, parameters.get("scale").asDouble());
        case "uniform-cube" -> new UniformCube(d, parameters.get("half_width").asDouble());
        case "uniform-sphere" ->
            new UniformSphere(parameters.get("d").asInt(), parameters.get("radius").asDouble());
        case "laplace" -> new Laplace(d, parameters.get("scale").asDouble());
        case "vocabulary" ->
            new Vocabulary(
                numbers(parameters.get("probabilities")), rows(parameters.get("embeddings")));
        case "gaussian-mixture" -> {
          double[] weights = numbers(parameters.get("weights"));
          List<Gaussian> components =
              IntStream.range(0, weights.length)
                  .mapToObj(
                      k ->
                          new Gaussian(
                              numbers(parameters.get("means").get(k)),
                              Covariance.of(rows(parameters.get("covariances").get(k)))))
                  .toList();
          yield new GaussianMixture(weights, components);
        }
        default -> throw new IllegalArgumentException("Cannot read " + json.get("measure"));
      };
    }

    double[] tilt() {
      return numbers(json.get("a"));
    }

    double logMgf() {
      return json.get("log_mgf").asDouble();
    }

    double[] mean() {
      return numbers(json.get("tilted_mean"));
    }

    double[][] covariance() {
      return rows(json.get("tilted_covariance"));
    }

    @Override
    public String toString() {
      return json.get("measure").asText() + " tilted by " + json.get("a");
    }
  }

  private static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static double[][] rows(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(ReferenceMeasures::numbers)
        .toArray(double[][]::new);
  }

  static List<Item> items() {
    try (InputStream in = ReferenceMeasures.class.getResourceAsStream("/reference/measures.json")) {
      JsonNode items = new ObjectMapper().readTree(in).get("items");
      return StreamSupport.stream(items.spliterator(), false).map(Item::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
