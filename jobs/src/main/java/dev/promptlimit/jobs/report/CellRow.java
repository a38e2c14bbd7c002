package dev.promptlimit.jobs.report;

import dev.promptlimit.attention.Metric;
import dev.promptlimit.jobs.config.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/**
 * A row of {@code cells.parquet}; what is infinite or unknown is NaN.
 *
 * @param cell key of the cell
 * @param tokens name of the token measure, as shown
 * @param queries name of the query measure, as shown
 * @param head name of the head, as shown
 * @param family name of the training run or flow that the head is a checkpoint of, as shown
 * @param dimension d
 * @param promptLength L
 * @param metric the metric
 * @param prompts prompts simulated
 * @param inadmissible those of them without a limit
 * @param inadmissibleReason why one of them has none
 * @param mean mean-square error
 * @param low lower end of its interval
 * @param high upper end
 * @param guaranteed whether the interval holds for every number of prompts
 * @param exact the error by exact theory
 * @param delta the large-L value
 * @param h2 H²
 * @param sharpExponent the exponent expected for long prompts
 * @param scoreVariance E s²
 * @param tokenVariance σ² of the sub-Gaussian tokens, or a bound
 * @param quantiles of the deviation
 * @param tail its tail probabilities
 * @param claim whose fixture it is; empty for the experiment's own cells
 */
record CellRow(
    String cell,
    String tokens,
    String queries,
    String head,
    Optional<String> family,
    int dimension,
    long promptLength,
    Metric metric,
    long prompts,
    long inadmissible,
    Optional<String> inadmissibleReason,
    double mean,
    double low,
    double high,
    boolean guaranteed,
    double exact,
    double delta,
    double h2,
    double sharpExponent,
    double scoreVariance,
    double tokenVariance,
    List<Quantile> quantiles,
    List<Tail> tail,
    Optional<String> claim) {
  private static final Pattern CHECKPOINT =
      Pattern.compile("(.*)@[0-9.E-]+( \\(diverged at [0-9]+\\))?", Pattern.DOTALL);

  /** A quantile of the deviation with its interval. */
  record Quantile(double level, double value, double low, double high) {}

  /** P(deviation &gt; u) with its interval, from {@code count} prompts beyond. */
  record Tail(double deviation, long count, double estimate, double low, double high) {}

  /** Tokens, queries and head: what a curve along prompt lengths belongs to. */
  record Group(String tokens, String queries, String head) {}

  static CellRow of(Row row, Names names) {
    return new CellRow(
        row.getAs("cell"),
        names.shown(row.getAs("tokens")),
        names.shown(row.getAs("queries")),
        names.shown(row.getAs("head")),
        family(row.getAs("head")).map(names::shown),
        row.<Integer>getAs("dimension"),
        row.<Long>getAs("promptLength"),
        metric(row.getAs("metric")),
        row.<Long>getAs("prompts"),
        row.<Long>getAs("inadmissible"),
        Optional.ofNullable(row.getAs("inadmissibleReason")),
        number(row, "meanSquare"),
        number(row, "meanSquareLow"),
        number(row, "meanSquareHigh"),
        Boolean.TRUE.equals(row.getAs("guaranteed")),
        number(row, "exact"),
        number(row, "delta"),
        number(row, "h2"),
        number(row, "sharpExponent"),
        number(row, "meanScoreVariance"),
        number(row, "subGaussianVariance"),
        rows(row, "quantiles").stream()
            .map(
                q ->
                    new Quantile(
                        number(q, "level"),
                        number(q, "deviation"),
                        number(q, "low"),
                        number(q, "high")))
            .toList(),
        rows(row, "tail").stream()
            .map(
                t ->
                    new Tail(
                        number(t, "deviation"),
                        t.<Long>getAs("count"),
                        number(t, "estimate"),
                        number(t, "low"),
                        number(t, "high")))
            .toList(),
        Optional.ofNullable(row.getAs("claim")));
  }

  /** Heads of one training run or flow are called by its name, @, and the step or time. */
  private static Optional<String> family(String head) {
    Matcher checkpoint = CHECKPOINT.matcher(head);
    return checkpoint.matches() ? Optional.of(checkpoint.group(1)) : Optional.empty();
  }

  private static Metric metric(String id) {
    return Stream.of(Metric.values())
        .filter(metric -> metric.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> new BadInputException("Cannot read cells: there is no metric '" + id + "'"));
  }

  private static List<Row> rows(Row row, String column) {
    return row.getList(row.fieldIndex(column));
  }

  /** A number; NaN for null. */
  static double number(Row row, String column) {
    Double value = row.getAs(column);
    return value == null ? Double.NaN : value;
  }

  boolean isOwn() {
    return claim.isEmpty();
  }

  Group group() {
    return new Group(tokens, queries, head);
  }

  /** Measured over exact, or over the large-L value where that is all there is. */
  double ratio() {
    double theory = Double.isNaN(exact) ? delta : exact;
    return theory > 0 ? mean / theory : Double.NaN;
  }

  /** The quantile of a level; NaN where it is not known. */
  double quantile(double level) {
    return quantiles.stream()
        .filter(q -> q.level() == level)
        .mapToDouble(Quantile::value)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Rows by what they have in common, in their order. */
  static <K> Map<K, List<CellRow>> by(Function<CellRow, K> common, List<CellRow> rows) {
    Map<K, List<CellRow>> groups = new LinkedHashMap<>();
    for (CellRow row : rows) {
      groups.computeIfAbsent(common.apply(row), key -> new ArrayList<>()).add(row);
    }
    return groups;
  }

  /** Labels of groups: head, and those of tokens and queries of which there are several. */
  static Map<Group, String> labels(List<CellRow> rows) {
    Set<String> tokens = new LinkedHashSet<>();
    Set<String> queries = new LinkedHashSet<>();
    rows.forEach(row -> tokens.add(row.tokens()));
    rows.forEach(row -> queries.add(row.queries()));
    Map<Group, String> labels = new LinkedHashMap<>();
    for (CellRow row : rows) {
      StringBuilder label = new StringBuilder(row.head());
      if (tokens.size() > 1) {
        label.append(" · ").append(row.tokens());
      }
      if (queries.size() > 1) {
        label.append(" · ").append(row.queries());
      }
      labels.put(row.group(), label.toString());
    }
    return labels;
  }
}
