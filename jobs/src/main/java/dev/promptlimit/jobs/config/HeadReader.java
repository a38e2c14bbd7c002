package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.config.MeasureReader.Described;
import java.util.List;
import java.util.Optional;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Reads heads. */
final class HeadReader {
  private HeadReader() {}

  /** The heads of a section, for tokens of dimension d. */
  static Optional<HeadSource> heads(Section section, int d, TrainedHeads known) {
    Optional<String> name = section.text(Keys.LABEL);
    Optional<Section> queryKey = section.section(Keys.QUERY_KEY);
    Optional<String> kind = queryKey.flatMap(child -> child.peek(Keys.QUERY_KEY_KIND));
    if (kind.filter(TrainedReader::reads).isPresent()) {
      return trained(section, name, queryKey.get(), d);
    }
    if (kind.filter(CheckpointReader.KIND::equals).isPresent()) {
      section.done();
      return CheckpointReader.heads(section, name.orElse(""), queryKey.get(), d, known);
    }
    Optional<Described<RealMatrix>> u = queryKey.flatMap(child -> queryKey(section, child, d));
    Optional<Described<RealMatrix>> v =
        section.section(Keys.VALUE).flatMap(child -> value(child, d));
    section.done();
    if (name.isEmpty() || u.isEmpty() || v.isEmpty()) {
      return Optional.empty();
    }
    Head head = new Head(u.get().value(), v.get().value());
    Named<Head> named = new Named<>(name.get(), content(u.get().content(), v), head);
    return Optional.of(new HeadSource(name.get(), tokens -> List.of(named)));
  }

  /**
   * The head (U, v) of one output that a section gives outright, with query-key and value; the
   * section may have other keys too.
   */
  static Optional<Described<Head>> given(Section section, int d) {
    Optional<Section> queryKey = section.section(Keys.QUERY_KEY);
    Optional<String> trained =
        queryKey
            .flatMap(child -> child.peek(Keys.QUERY_KEY_KIND))
            .filter(kind -> TrainedReader.reads(kind) || CheckpointReader.KIND.equals(kind));
    if (trained.isPresent()) {
      section.reject(Keys.QUERY_KEY, "allowed here: of kind scaled-identity, matrix or random");
      section.section(Keys.VALUE);
      return Optional.empty();
    }
    Optional<Described<RealMatrix>> u = queryKey.flatMap(child -> queryKey(section, child, d));
    Optional<Described<RealMatrix>> v =
        section.section(Keys.VALUE).flatMap(child -> value(child, d));
    if (u.isEmpty() || v.isEmpty()) {
      return Optional.empty();
    }
    if (v.get().value().getRowDimension() != 1) {
      section.reject(
          Keys.VALUE, "it has " + v.get().value().getRowDimension() + " rows, allowed here: 1");
      return Optional.empty();
    }
    return Optional.of(
        new Described<>(content(u.get().content(), v), new Head(u.get().value(), v.get().value())));
  }

  private static String content(String u, Optional<Described<RealMatrix>> v) {
    return "query-key " + u + " value " + v.map(Described::content).orElse("trained");
  }

  /** Heads of training bring their V, unless another one is given. */
  private static Optional<HeadSource> trained(
      Section section, Optional<String> name, Section queryKey, int d) {
    Optional<TrainedReader> reader =
        queryKey
            .choice(Keys.QUERY_KEY_KIND)
            .flatMap(kind -> TrainedReader.read(section, queryKey, kind, d));
    boolean given = section.has(Keys.VALUE);
    Optional<Described<RealMatrix>> v =
        given ? section.section(Keys.VALUE).flatMap(child -> value(child, d)) : Optional.empty();
    section.done();
    if (name.isEmpty() || reader.isEmpty() || given != v.isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        new HeadSource(
            name.get(),
            tokens ->
                reader.get().of(tokens).stream()
                    .map(
                        one ->
                            new Named<>(
                                name.get() + one.suffix(),
                                content(one.content(), v),
                                v.map(other -> new Head(one.head().u(), other.value()))
                                    .orElse(one.head())))
                    .toList()));
  }

  private static Optional<Described<RealMatrix>> queryKey(Section owner, Section section, int d) {
    Optional<String> kind = section.choice(Keys.QUERY_KEY_KIND);
    if (kind.isEmpty()) {
      section.know(
          Keys.SCALE,
          Keys.ROWS,
          Keys.NORM,
          Keys.SEED,
          Keys.COVARIANCE,
          Keys.ALPHA,
          Keys.THETA,
          Keys.TIMES);
      section.done();
      return Optional.empty();
    }
    Optional<Described<RealMatrix>> u =
        switch (kind.get()) {
          case "scaled-identity" ->
              section
                  .number(Keys.SCALE)
                  .map(
                      c ->
                          new Described<>(
                              "scaled-identity " + MeasureReader.hex(c),
                              Head.scaledIdentity(d, c)));
          case "matrix" ->
              section
                  .matrix(Keys.ROWS, d)
                  .filter(
                      rows -> {
                        if (rows.length != d) {
                          owner.rejectShape(
                              Keys.QUERY_KEY,
                              "it has "
                                  + rows.length
                                  + " rows, the tokens have dimension "
                                  + d
                                  + ": U must be square");
                        }
                        return rows.length == d;
                      })
                  .map(HeadReader::matrix);
          default -> random(section, d, d);
        };
    section.done();
    return u;
  }

  private static Optional<Described<RealMatrix>> value(Section section, int d) {
    Optional<String> kind = section.choice(Keys.VALUE_KIND);
    if (kind.isEmpty()) {
      section.know(Keys.ROW, Keys.ROWS, Keys.OUTPUTS, Keys.NORM, Keys.SEED);
      section.done();
      return Optional.empty();
    }
    Optional<Described<RealMatrix>> v =
        switch (kind.get()) {
          case "identity" ->
              Optional.of(new Described<>("identity", MatrixUtils.createRealIdentityMatrix(d)));
          case "row" -> section.vector(Keys.ROW, d).map(row -> matrix(new double[][] {row}));
          case "matrix" ->
              section
                  .matrix(Keys.ROWS, d)
                  .filter(
                      rows -> {
                        if (rows.length > Keys.MAX_DIMENSION) {
                          section.reject(
                              Keys.ROWS, "it has more than " + Keys.MAX_DIMENSION + " rows");
                        }
                        return rows.length <= Keys.MAX_DIMENSION;
                      })
                  .map(HeadReader::matrix);
          default -> section.whole(Keys.OUTPUTS).flatMap(p -> random(section, p.intValue(), d));
        };
    section.done();
    return v;
  }

  private static Described<RealMatrix> matrix(double[][] rows) {
    return new Described<>(
        "matrix " + MeasureReader.text(rows), new Array2DRowRealMatrix(rows, true));
  }

  /** A random matrix. */
  static Optional<Described<RealMatrix>> random(Section section, int rows, int columns) {
    Optional<Double> norm = section.number(Keys.NORM);
    Optional<Long> seed = section.whole(Keys.SEED);
    if (norm.isEmpty() || seed.isEmpty()) {
      return Optional.empty();
    }
    String content = "random " + rows + " " + MeasureReader.hex(norm.get()) + " " + seed.get();
    return Optional.of(
        new Described<>(content, Head.random(rows, columns, norm.get(), seed.get())));
  }
}
