package dev.promptlimit.jobs.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.hipparchus.linear.RealMatrix;

/** The answer to an item as it grows: numbers, with null for what is not finite. */
final class Answer {
  private final ObjectNode node;

  Answer() {
    this(JsonNodeFactory.instance.objectNode());
  }

  private Answer(ObjectNode node) {
    this.node = node;
  }

  ObjectNode node() {
    return node;
  }

  /** Repeats a value of the item as it was written, if it was. */
  Answer repeat(Field item, String name) {
    if (item.has(name)) {
      node.set(name, item.get(name).node());
    }
    return this;
  }

  Answer put(String name, String text) {
    node.put(name, text);
    return this;
  }

  Answer put(String name, double number) {
    if (Double.isFinite(number)) {
      node.put(name, unsigned(number));
    } else {
      node.putNull(name);
    }
    return this;
  }

  Answer put(String name, double[] vector) {
    fill(node.putArray(name), vector);
    return this;
  }

  Answer put(String name, RealMatrix matrix) {
    fill(node.putArray(name), matrix);
    return this;
  }

  Answer put(String name, Iterable<RealMatrix> matrices) {
    ArrayNode array = node.putArray(name);
    matrices.forEach(matrix -> fill(array.addArray(), matrix));
    return this;
  }

  Answer putNull(String name) {
    node.putNull(name);
    return this;
  }

  /** An object in this one. */
  Answer nested(String name) {
    return new Answer(node.putObject(name));
  }

  private static void fill(ArrayNode array, RealMatrix matrix) {
    for (int i = 0; i < matrix.getRowDimension(); i++) {
      fill(array.addArray(), matrix.getRow(i));
    }
  }

  private static void fill(ArrayNode array, double[] vector) {
    for (double number : vector) {
      if (Double.isFinite(number)) {
        array.add(unsigned(number));
      } else {
        array.addNull();
      }
    }
  }

  /** 0 for −0. */
  private static double unsigned(double number) {
    return number + 0.0;
  }
}
