package dev.promptlimit.jobs.config;

import dev.promptlimit.attention.Head;
import dev.promptlimit.jobs.config.MeasureReader.Described;
import java.util.Optional;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Reads heads. */
final class HeadReader {
  private HeadReader() {}

  /** A head for tokens of dimension d. */
  static Optional<Named<Head>> head(Section section, int d) {
    Optional<String> name = section.text(Keys.LABEL);
    Optional<Described<RealMatrix>> u =
        section.section(Keys.QUERY_KEY).flatMap(child -> queryKey(section, child, d));
    Optional<Described<RealMatrix>> v =
        section.section(Keys.VALUE).flatMap(child -> value(child, d));
    section.done();
    if (name.isEmpty() || u.isEmpty() || v.isEmpty()) {
      return Optional.empty();
    }
    String content = "query-key " + u.get().content() + " value " + v.get().content();
    return Optional.of(
        new Named<>(name.get(), content, new Head(u.get().value(), v.get().value())));
  }

  private static Optional<Described<RealMatrix>> queryKey(Section owner, Section section, int d) {
    Optional<String> kind = section.choice(Keys.QUERY_KEY_KIND);
    if (kind.isEmpty()) {
      section.know(Keys.SCALE, Keys.ROWS, Keys.NORM, Keys.SEED);
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

  private static Optional<Described<RealMatrix>> random(Section section, int rows, int columns) {
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
