package dev.promptlimit.jobs.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.promptlimit.measure.Covariance;
import java.util.function.Supplier;

/**
 * A value of an item and the path to it, for messages; null stands for no value. Whatever is read
 * from it is checked, and refused with an {@link IllegalArgumentException} that names path, value
 * and allowed range.
 *
 * @param path as {@code flow.Theta[1][0]}; empty for the item itself
 */
record Field(String path, JsonNode node) {
  /** Any length, any number of rows or columns, from 1. */
  static final int ANY = -1;

  private static final int LONGEST_VALUE = 60;

  boolean has(String name) {
    return !get(name).isAbsent();
  }

  /** The value of that name, which may be absent. */
  Field get(String name) {
    JsonNode child = node.path(name);
    return new Field(path.isEmpty() ? name : path + "." + name, child);
  }

  private Field at(int index) {
    return new Field(path + "[" + index + "]", node.path(index));
  }

  private boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  /** This value is not what is allowed here. */
  IllegalArgumentException refusal(String allowed) {
    if (isAbsent()) {
      return new IllegalArgumentException(path + " is missing, allowed: " + allowed);
    }
    return new IllegalArgumentException(path + " is " + abbreviated() + ", allowed: " + allowed);
  }

  private String abbreviated() {
    String value = node.isNumber() ? node.asText() : node.toString(); // NaN without quotes
    return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "...";
  }

  /** An object that has to be there. */
  Field object() {
    if (!node.isObject()) {
      throw refusal("an object");
    }
    return this;
  }

  String text(String allowed) {
    if (!node.isTextual()) {
      throw refusal(allowed);
    }
    return node.textValue();
  }

  double number() {
    return number(-Double.MAX_VALUE, Double.MAX_VALUE, "a finite number");
  }

  double positive() {
    return number(Double.MIN_VALUE, Double.MAX_VALUE, "a finite number > 0");
  }

  double notNegative() {
    return number(0, Double.MAX_VALUE, "a finite number >= 0");
  }

  double notNegative(double fallback) {
    return isAbsent() ? fallback : notNegative();
  }

  /** A number within these bounds. */
  double number(double least, double largest, String allowed) {
    double value = node.doubleValue();
    if (!node.isNumber() || !(value >= least && value <= largest)) {
      throw refusal(allowed);
    }
    return value;
  }

  /** A whole number from 1 on, however it is written: 50, 50.0 and 5e1 are the same. */
  double count(double largest) {
    String allowed = "a whole number from 1 to " + largest;
    double value = number(1, largest, allowed);
    // A double from 2^53 on is whole whatever the text was; such lengths are not told apart.
    if (value != Math.rint(value)) {
      throw refusal(allowed);
    }
    return value;
  }

  /** The number of entries of an array that has to have this length. */
  int size(int length) {
    if (!node.isArray() || node.isEmpty()) {
      throw refusal("an array of length " + (length == ANY ? "1 or more" : length));
    }
    if (length != ANY && node.size() != length) {
      throw new IllegalArgumentException(
          path + " has length " + node.size() + ", allowed: " + length);
    }
    return node.size();
  }

  /** An array of finite numbers. */
  double[] vector(int length) {
    double[] vector = new double[size(length)];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = at(i).number();
    }
    return vector;
  }

  /** Rows of finite numbers, all of one length. */
  double[][] matrix(int rows, int columns) {
    double[][] matrix = new double[size(rows)][];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = at(i).vector(i == 0 ? columns : matrix[0].length);
    }
    return matrix;
  }

  /** A symmetric, positive semidefinite matrix. */
  Covariance covariance(int dimension) {
    double[][] rows = matrix(dimension, node.size());
    return check(() -> Covariance.of(rows));
  }

  /** What is made of this value, which may be refused there. */
  <T> T check(Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(path + ": " + reason(e), e);
    }
  }

  /** The entries of an array. */
  Field[] entries(int length) {
    Field[] entries = new Field[size(length)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = at(i);
    }
    return entries;
  }

  /** What a refusal says after {@code Cannot <do> <what>:}. */
  static String reason(RuntimeException refusal) {
    return String.valueOf(refusal.getMessage()).replaceFirst("^Cannot [^:]*: ", "");
  }
}
