package dev.promptlimit.jobs.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A table that the page's scripts show page by page and export.
 *
 * @param id name within the page, and of the file it is saved in
 * @param title what it is
 * @param legend what its columns mean; may be empty
 * @param columns their names
 * @param rows texts, numbers, booleans and null for what is unknown, infinite or not there
 */
record DataTable(
    String id, String title, String legend, List<String> columns, List<List<Object>> rows) {
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", id);
    node.put("title", title);
    ArrayNode names = node.putArray("columns");
    columns.forEach(names::add);
    ArrayNode all = node.putArray("rows");
    for (List<Object> row : rows) {
      ArrayNode cells = all.addArray();
      row.forEach(cell -> add(cells, cell));
    }
    return node;
  }

  private static void add(ArrayNode cells, Object cell) {
    if (cell instanceof Double number) {
      if (Double.isFinite(number)) {
        cells.add(number);
      } else {
        cells.addNull();
      }
    } else if (cell instanceof Long || cell instanceof Integer) {
      cells.add(((Number) cell).longValue());
    } else if (cell instanceof Boolean flag) {
      cells.add(flag);
    } else if (cell == null) {
      cells.addNull();
    } else {
      cells.add(cell.toString());
    }
  }
}
