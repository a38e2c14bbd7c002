package dev.promptlimit.attention;

import java.util.Arrays;
import java.util.Optional;

/**
 * What deviates: finite prompt minus infinite prompt, squared Frobenius norms. m_w and C_w are the
 * softmax-weighted mean and covariance of the prompt's tokens, m(a) and C(a) the tilted ones, p the
 * number of rows of V, z the query.
 */
public enum Metric {
  /** The attention output: ‖V(m_w − m(a))‖². */
  OUTPUT("output"),
  /** The derivative in V: p ‖m_w − m(a)‖². */
  JACOBIAN_V("jacobian-v"),
  /** The derivative in U: ‖V(C_w − C(a))‖² ‖z‖². */
  JACOBIAN_U("jacobian-u");

  private final String id;

  Metric(String id) {
    this.id = id;
  }

  /** The name used in files. */
  public String id() {
    return id;
  }

  /** The metric of that name. */
  public static Optional<Metric> of(String id) {
    return Arrays.stream(values()).filter(metric -> metric.id.equals(id)).findFirst();
  }
}
