package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.config.MeasureReader.Described;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.TokenMeasure;
import dev.promptlimit.regression.BalancedFlow;
import dev.promptlimit.regression.RegressionTokens;
import dev.promptlimit.regression.TaskFamily;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Reads heads of regression that the balanced flow passes or tends to: {@code trained-limit} and
 * {@code flow}. Their covariance is their own or that of the inputs among the tokens they meet.
 */
final class TrainedReader {
  /** Why heads of the flow cannot be had from released data. */
  private static final String RELEASED =
      "the flow is known where queries have the covariance of the inputs, which is not so"
          + " as-released: give covariance";

  private final Section owner;
  private final Optional<Covariance> own;
  private final Optional<Flow> flow;
  private final Map<String, List<Trained>> known = new HashMap<>(); // by covariance

  /**
   * A head of training.
   *
   * @param suffix what tells it from others of its section
   */
  record Trained(String suffix, String content, Head head) {}

  /** Where a flow begins, and when it is looked at. */
  private record Flow(BalancedReader start, List<Double> times) {}

  private TrainedReader(Section owner, Optional<Covariance> own, Optional<Flow> flow) {
    this.owner = owner;
    this.own = own;
    this.flow = flow;
  }

  /** Whether a kind of U is read here. */
  static boolean reads(String kind) {
    return kind.equals("trained-limit") || kind.equals("flow");
  }

  /**
   * Reads a section of such a kind, for tokens of dimension d.
   *
   * @param owner the section of the head
   * @param section its query-key
   */
  static Optional<TrainedReader> read(Section owner, Section section, String kind, int d) {
    if (d < 2) {
      owner.rejectShape(
          Keys.QUERY_KEY,
          "tokens of dimension " + d + " have no inputs beside the label: 2 or more are needed");
    }
    Section inputs = section.ofInputs();
    int n = Math.max(1, d - 1);
    boolean given = section.has(Keys.COVARIANCE);
    Optional<Described<Covariance>> own =
        given ? MeasureReader.covariance(inputs, n) : Optional.empty();
    Optional<Flow> flow = kind.equals("flow") ? flow(inputs, n) : Optional.empty();
    section.done();
    boolean complete =
        d >= 2 && given == own.isPresent() && kind.equals("flow") == flow.isPresent();
    return complete
        ? Optional.of(new TrainedReader(owner, own.map(Described::value), flow))
        : Optional.empty();
  }

  private static Optional<Flow> flow(Section section, int d) {
    Optional<BalancedReader> start = BalancedReader.read(section, d);
    Optional<double[]> times = section.rising(Keys.TIMES);
    return start.isEmpty() || times.isEmpty()
        ? Optional.empty()
        : Optional.of(new Flow(start.get(), Arrays.stream(times.get()).boxed().toList()));
  }

  /** The heads for these tokens; none if there is a problem, which is reported. */
  List<Trained> of(Named<TokenMeasure> tokens) {
    if (own.isPresent()) {
      return under(own.get());
    }
    if (!(tokens.value() instanceof RegressionTokens regression)) {
      owner.reject(
          Keys.QUERY_KEY,
          "it takes its covariance from the inputs of regression, and tokens "
              + tokens.name()
              + " have none: give covariance");
      return List.of();
    }
    TaskFamily family = regression.family();
    boolean same = family.covariance().matrix().equals(family.queryCovariance().matrix());
    if (flow.isPresent() && !same) {
      owner.reject(Keys.QUERY_KEY, RELEASED);
      return List.of();
    }
    return under(family.covariance());
  }

  private List<Trained> under(Covariance sigma) {
    String content = " covariance " + MeasureReader.text(sigma.matrix().getData());
    return known.computeIfAbsent(content, key -> compute(sigma, key));
  }

  private List<Trained> compute(Covariance sigma, String content) {
    try {
      return flow.isPresent() ? flow(flow.get(), sigma, content) : limit(sigma, content);
    } catch (IllegalArgumentException e) { // what lib refuses
      owner.reject(Keys.QUERY_KEY, e.getMessage().replaceFirst("^Cannot make a [^:]*: ", ""));
    } catch (ArithmeticException e) { // eigenvalues absurdly far apart
      owner.reject(Keys.QUERY_KEY, e.getMessage().replaceFirst("^Cannot [^:]*: ", ""));
    }
    return List.of();
  }

  private List<Trained> limit(Covariance sigma, String content) {
    RealMatrix theta = MatrixUtils.createRealIdentityMatrix(sigma.dimension());
    Optional<BalancedFlow.State> limit = new BalancedFlow(sigma, 1, theta).limit();
    if (limit.isEmpty()) {
      owner.reject(Keys.QUERY_KEY, "the covariance is singular: the flow has no one limit");
      return List.of();
    }
    return List.of(new Trained("", "trained-limit" + content, limit.get().head()));
  }

  private static List<Trained> flow(Flow flow, Covariance sigma, String content) {
    List<BalancedFlow.State> states =
        flow.start()
            .flow(sigma)
            .at(flow.times().stream().mapToDouble(Double::doubleValue).toArray());
    List<Trained> heads = new ArrayList<>();
    for (BalancedFlow.State state : states) {
      String start = "flow " + flow.start().content();
      heads.add(
          new Trained(
              "@" + text(state.time()),
              start + content + " time " + MeasureReader.hex(state.time()),
              state.head()));
    }
    return heads;
  }

  /** A time as people write it. */
  private static String text(double time) {
    return Double.toString(time).replaceFirst("\\.0$", "");
  }
}
