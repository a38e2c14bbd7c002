package dev.promptlimit.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.promptlimit.attention.Head;
import dev.promptlimit.attention.Metric;
import dev.promptlimit.measure.Covariance;
import dev.promptlimit.measure.Gaussian;
import dev.promptlimit.theory.DeltaMethod;
import dev.promptlimit.theory.ExactMeanSquares;
import dev.promptlimit.theory.QueryForms;
import dev.promptlimit.theory.QuerySpectrum;
import dev.promptlimit.theory.QueryStrata;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Averages over tasks that theory gives at once against a quadrature over tasks of what it gives
 * for Gaussian tokens.
 */
class RegressionTheoryTest {
  private static final Set<Metric> ALL = EnumSet.allOf(Metric.class);
  private static final TaskFamily FAMILY =
      new TaskFamily(
          Covariance.toeplitz(2, 0.5, 1), Covariance.diagonal(new double[] {1, 0.7}), 0.8, 0.2);
  private static final RegressionTokens TOKENS = new RegressionTokens(FAMILY);
  private static final Gaussian QUERIES = TOKENS.queries();

  /** With H² = 0.07 and 1.1 as well as for U = 0. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 1.2})
  void exactMeanSquares(double norm) {
    Head head = Tasks.head(2, 2, norm);
    List<Long> lengths = List.of(1L, 2L, 100L);
    List<Map<Metric, Double>> averaged = ExactMeanSquares.of(TOKENS, head, QUERIES, lengths, ALL);
    List<Map<Metric, Double>> means =
        lengths.stream().<Map<Metric, Double>>map(l -> new EnumMap<>(Metric.class)).toList();
    for (Tasks.Node node : Tasks.nodes(FAMILY)) {
      List<Map<Metric, Double>> one =
          ExactMeanSquares.of(node.tokens(), head, QUERIES, lengths, ALL);
      for (int i = 0; i < means.size(); i++) {
        Map<Metric, Double> mean = means.get(i);
        one.get(i).forEach((m, value) -> mean.merge(m, node.weight() * value, Double::sum));
      }
    }
    for (int i = 0; i < means.size(); i++) {
      for (Metric metric : ALL) {
        double mean = means.get(i).get(metric);
        assertThat(averaged.get(i).get(metric))
            .as("%s at L = %d", metric, lengths.get(i))
            .isCloseTo(mean, within(1e-8 * mean));
      }
    }
  }

  @Test
  void deltaMethod() {
    Head head = Tasks.head(2, 2, 0.5);
    QueryForms forms = TOKENS.forms(head).orElseThrow();
    Map<Metric, Double> averaged =
        DeltaMethod.constants(forms, head, QUERIES, new QuerySpectrum(forms, QUERIES));
    Map<Metric, Double> means = new EnumMap<>(Metric.class);
    for (Tasks.Node node : Tasks.nodes(FAMILY)) {
      DeltaMethod.constants(node.tokens(), head, QUERIES)
          .forEach((m, value) -> means.merge(m, node.weight() * value, Double::sum));
    }
    means.forEach(
        (metric, mean) ->
            assertThat(averaged.get(metric))
                .as("%s", metric)
                .isCloseTo(mean, within(1e-11 * mean)));
  }

  /** Above H² = 1/2 there is no constant; exact values remain. */
  @Test
  void deltaMethodBeyondItsRange() {
    Head head = Tasks.head(2, 1, 3);
    QueryForms forms = TOKENS.forms(head).orElseThrow();
    QuerySpectrum spectrum = new QuerySpectrum(forms, QUERIES);
    assertThat(spectrum.h2()).isGreaterThan(0.5);
    assertThat(DeltaMethod.constants(forms, head, QUERIES, spectrum).values())
        .containsOnly(Double.POSITIVE_INFINITY);
  }

  @Test
  void unknownWhereScoresDependOnTheTask() {
    RealMatrix u = Tasks.head(2, 1, 0.5).u();
    u.setEntry(2, 0, 0.1);
    Head head = new Head(u, Head.random(1, 3, 1, 8));
    assertThat(ExactMeanSquares.of(TOKENS, head, QUERIES, List.of(1L, 8L), ALL))
        .allSatisfy(known -> assertThat(known.values()).containsOnly(Double.NaN));
    assertThat(QueryForms.known(TOKENS, head)).isEmpty();
  }

  /** They are those of tokens with the average covariance. */
  @Test
  void strata() {
    Head head = Tasks.head(2, 1, 1.2);
    QueryStrata strata = QueryStrata.of(TOKENS, head, QUERIES, QueryStrata.FROM_H2);
    assertThat(strata.count()).isEqualTo(13);
    assertThat(strata.probabilities())
        .isEqualTo(
            QueryStrata.of(TOKENS.average(), head, QUERIES, QueryStrata.FROM_H2).probabilities());
    Gaussian none = new RegressionTokens(new TaskFamily(Covariance.identity(2, 0), 1, 1)).queries();
    assertThat(QueryStrata.of(TOKENS, head, none, 0).count()).isEqualTo(1);
  }
}
