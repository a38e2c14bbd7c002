package dev.promptlimit.attention;

import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.random.StreamKey;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * A setting in which independent implementations of the samplers are compared.
 *
 * @param name what is special about it
 * @param prompts number of prompts to draw from each
 * @param setting the setting
 */
record Situation(String name, int prompts, Setting setting) {
  static final Set<Metric> ALL = EnumSet.allOf(Metric.class);
  static final Set<Metric> FIRST_MOMENTS = EnumSet.of(Metric.OUTPUT, Metric.JACOBIAN_V);

  static List<Situation> all() {
    return List.of(
        new Situation("two tokens", 50_000, dense(2, 1, 2, 1)),
        new Situation("V square", 50_000, dense(2, 2, 5, 1)),
        new Situation("three dimensions", 50_000, dense(3, 1, 17, 1)),
        new Situation("five tokens", 50_000, dense(6, 2, 5, 1.5)),
        new Situation("as many outputs as coordinates", 50_000, dense(6, 6, 5, 1)),
        new Situation("one output less", 50_000, dense(5, 4, 17, 0.7)),
        new Situation("more outputs", 50_000, dense(3, 5, 5, 1)),
        new Situation("one token", 50_000, dense(4, 2, 1, 1)),
        new Situation("several chunks", 10_000, dense(4, 2, 600, 1)),
        new Situation("sixteen dimensions", 5_000, dense(16, 2, 600, 0.5)),
        new Situation("sixteen outputs", 12_000, dense(16, 16, 17, 0.5)),
        new Situation("strong tilt", 10_000, dense(5, 1, 600, 4)),
        new Situation("frozen", 50_000, dense(5, 1, 17, 1e3)),
        new Situation("singular tokens", 50_000, withTokens(dense(5, 2, 17, 1), lowRank(5, 2))),
        new Situation("tokens on a line", 50_000, withTokens(dense(4, 2, 5, 1), lowRank(4, 1))),
        new Situation(
            "some coordinates fixed",
            50_000,
            withTokens(
                dense(8, 3, 17, 1),
                Covariance.diagonal(new double[] {1, 0, 2, 0.5, 0, 0, 3, 0.1}))),
        new Situation(
            "V of rank one",
            50_000,
            withHead(
                dense(4, 3, 17, 1),
                Head.random(4, 4, 1, 33),
                Head.random(3, 1, 1, 31).multiply(Head.random(1, 4, 1, 32)))),
        new Situation("V along the tilt", 50_000, alongTheTilt()),
        new Situation("no tilt", 50_000, withHead(dense(5, 2, 17, 1), zero(5), value(5, 2))),
        new Situation(
            "no tilt, one output", 50_000, withHead(dense(3, 1, 2, 1), zero(3), value(3, 1))));
  }

  @Override
  public String toString() {
    return name;
  }

  /** Isotropic tokens and one query: V has the direction of Uz alone. */
  private static Setting alongTheTilt() {
    RealMatrix row = MatrixUtils.createRealMatrix(1, 4);
    row.setEntry(0, 0, 1);
    Head head = new Head(Head.scaledIdentity(4, 1), row);
    Gaussian tokens = Gaussian.centred(Covariance.identity(4, 1.3));
    return new Setting(tokens, Gaussian.fixed(new double[] {1.2, 0, 0, 0}), head, 5);
  }

  private static RealMatrix zero(int d) {
    return Head.scaledIdentity(d, 0);
  }

  /** The squared deviations of n prompts of one block. */
  static Map<Metric, double[]> squared(
      PromptSampler sampler, Set<Metric> metrics, String cell, int n) {
    Map<Metric, double[]> squared = new EnumMap<>(Metric.class);
    metrics.forEach(metric -> squared.put(metric, new double[n]));
    sampler.simulate(StreamKey.ofBlock(1, cell, 0), n, squared);
    return squared;
  }

  /** SHA-256 over the raw bits of all squared deviations, metric after metric. */
  static String hash(Map<Metric, double[]> squared) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (double[] values : new TreeMap<>(squared).values()) {
      for (double value : values) {
        long bits = Double.doubleToRawLongBits(value);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(bits).array());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Dense covariances and heads, means of tokens and queries that are not 0. */
  static Setting dense(int d, int p, long length, double norm) {
    Head head = new Head(Head.random(d, d, norm, 11), value(d, p));
    Gaussian tokens = new Gaussian(mean(d, 12), Covariance.toeplitz(d, 0.6, 1.1));
    Gaussian queries = new Gaussian(mean(d, 13), Covariance.toeplitz(d, -0.3, 0.8));
    return new Setting(tokens, queries, head, length);
  }

  private static RealMatrix value(int d, int p) {
    return Head.random(p, d, 1.5, 14);
  }

  private static double[] mean(int d, long seed) {
    return Head.random(d, 1, 1, seed).getColumn(0);
  }

  private static Covariance lowRank(int d, int rank) {
    RealMatrix half = Head.random(d, rank, 1.4, 15);
    return Covariance.of(half.multiplyTransposed(half).getData());
  }

  /** The token measure of a setting whose tokens are Gaussian. */
  static Gaussian gaussianTokens(Setting setting) {
    return (Gaussian) setting.tokens();
  }

  private static Setting withTokens(Setting setting, Covariance covariance) {
    Gaussian tokens = new Gaussian(gaussianTokens(setting).mean(), covariance);
    return new Setting(tokens, setting.queries(), setting.head(), setting.promptLength());
  }

  private static Setting withHead(Setting setting, RealMatrix u, RealMatrix v) {
    return new Setting(setting.tokens(), setting.queries(), new Head(u, v), setting.promptLength());
  }
}
