package dev.promptlimit.attention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.hipparchus.linear.Array2DRowRealMatrix;

/**
 * The items of {@code reference/gaussian_heads.json}: one head and query each, with exact values
 * computed elsewhere. Tokens are N(0, Γ).
 */
public final class ReferenceHeads {
  private ReferenceHeads() {}

  /** One item. */
  public record Item(JsonNode json) {
    /** The token measure. */
    public Gaussian tokens() {
      return Gaussian.centred(Covariance.of(rows("Gamma")));
    }

    /** The head. */
    public Head head() {
      return new Head(new Array2DRowRealMatrix(rows("U")), new Array2DRowRealMatrix(rows("V")));
    }

    /** The query. */
    public double[] z() {
      return numbers(json.get("z"));
    }

    /** Tokens a prompt. */
    public long promptLength() {
      return json.get("L").asLong();
    }

    /** The situation with its one query. */
    public Setting setting() {
      return new Setting(tokens(), Gaussian.fixed(z()), head(), promptLength());
    }

    /** A field that holds numbers. */
    public double[] numbers(String field) {
      return numbers(json.get(field));
    }

    /** A field that holds one number, empty where it is null. */
    public Optional<Double> number(String field) {
      JsonNode value = json.required(field);
      return value.isNull() ? Optional.empty() : Optional.of(value.asDouble());
    }

    private double[][] rows(String field) {
      return StreamSupport.stream(json.get(field).spliterator(), false)
          .map(Item::numbers)
          .toArray(double[][]::new);
    }

    private static double[] numbers(JsonNode array) {
      return StreamSupport.stream(array.spliterator(), false)
          .mapToDouble(JsonNode::asDouble)
          .toArray();
    }

    @Override
    public String toString() {
      return "d = " + json.get("d") + ", p = " + json.get("p") + ", L = " + promptLength();
    }
  }

  /** All items. */
  public static List<Item> items() {
    String name = "/reference/gaussian_heads.json";
    try (InputStream in = ReferenceHeads.class.getResourceAsStream(name)) {
      JsonNode items = new ObjectMapper().readTree(in).required("items");
      return StreamSupport.stream(items.spliterator(), false).map(Item::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
