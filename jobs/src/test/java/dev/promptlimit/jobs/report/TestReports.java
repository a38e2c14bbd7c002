package dev.promptlimit.jobs.report;

import dev.promptlimit.jobs.table.Published;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;

/** Published results for tests of reports. */
final class TestReports {
  private TestReports() {}

  /** A row with another value in a column. */
  static Row with(Row row, String column, Object value) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    values[row.fieldIndex(column)] = value;
    return new GenericRowWithSchema(values, row.schema());
  }

  /** As many results: those that there are, over and over, of other heads each time. */
  static Published repeated(Published published, int results) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; rows.size() < results; i++) {
      for (Row row :
          published.cells().subList(0, Math.min(published.cells().size(), results - rows.size()))) {
        Row other = with(row, "head", row.getAs("head") + " " + i);
        rows.add(with(other, "cell", row.getAs("cell") + "-" + i));
      }
    }
    return new Published(
        published.experiment(),
        rows,
        published.claims(),
        published.trajectories(),
        published.flows(),
        published.provenance());
  }
}
