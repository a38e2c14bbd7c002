package dev.promptlimit.jobs.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * The columns of a vocabulary in a Parquet schema. A list of numbers is any of
 *
 * <pre>
 *   group e (LIST) { repeated group list { float element; } }      the standard, and Spark's
 *   group e (LIST) { repeated float array; }                       older writers'
 *   repeated float e;                                              older still
 * </pre>
 *
 * @param schema these columns alone
 * @param embedding the numbers of the lists
 * @param frequency the frequencies
 * @param lists definition level from which on a list is there
 */
record VocabularyColumns(
    MessageType schema,
    ColumnDescriptor embedding,
    Optional<ColumnDescriptor> frequency,
    int lists) {
  private static final Set<PrimitiveTypeName> FLOATING =
      Set.of(PrimitiveTypeName.FLOAT, PrimitiveTypeName.DOUBLE);
  private static final Set<PrimitiveTypeName> WHOLE =
      Set.of(PrimitiveTypeName.INT32, PrimitiveTypeName.INT64);

  static VocabularyColumns of(MessageType all, String embedding, Optional<String> frequency)
      throws VocabularyFile.Unusable {
    List<Type> fields = new ArrayList<>();
    fields.add(field(all, embedding, Keys.EMBEDDING));
    require(isList(fields.get(0)), fields.get(0), Keys.EMBEDDING, "a list of float or double");
    if (frequency.isPresent() && !frequency.get().equals(embedding)) {
      fields.add(field(all, frequency.get(), Keys.FREQUENCY));
    }
    if (frequency.isPresent()) {
      Type last = fields.get(fields.size() - 1);
      require(isNumber(last), last, Keys.FREQUENCY, "integer, long, float or double");
    }
    MessageType schema = new MessageType(all.getName(), fields);
    return new VocabularyColumns(
        schema,
        schema.getColumns().get(0),
        frequency.map(name -> schema.getColumns().get(1)),
        fields.get(0).isPrimitive() ? 0 : schema.getMaxDefinitionLevel(embedding));
  }

  private static Type field(MessageType all, String name, Key<?> key)
      throws VocabularyFile.Unusable {
    if (!all.containsField(name)) {
      String others = String.join(", ", all.getFields().stream().map(Type::getName).toList());
      throw new VocabularyFile.Unusable(
          key,
          "the file has no column " + name + ", its columns: " + Problems.shortened(others, 200));
    }
    return all.getType(name);
  }

  private static void require(boolean fits, Type field, Key<?> key, String allowed)
      throws VocabularyFile.Unusable {
    if (!fits) {
      throw new VocabularyFile.Unusable(
          key,
          "the column is "
              + Problems.shortened(field.toString().replaceAll("\\s+", " "), 200)
              + ", allowed: "
              + allowed);
    }
  }

  private static boolean isList(Type field) {
    if (field.isPrimitive()) {
      return field.isRepetition(Type.Repetition.REPEATED) && isFloating(field);
    }
    GroupType list = field.asGroupType();
    if (!(list.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation)
        || list.isRepetition(Type.Repetition.REPEATED)
        || list.getFieldCount() != 1
        || !list.getType(0).isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    Type element = list.getType(0);
    if (!element.isPrimitive() && element.asGroupType().getFieldCount() == 1) {
      element = element.asGroupType().getType(0);
      if (element.isRepetition(Type.Repetition.REPEATED)) {
        return false;
      }
    }
    return isFloating(element);
  }

  private static boolean isFloating(Type type) {
    return type.isPrimitive() && FLOATING.contains(type.asPrimitiveType().getPrimitiveTypeName());
  }

  private static boolean isNumber(Type field) {
    if (!field.isPrimitive() || field.isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    PrimitiveType type = field.asPrimitiveType();
    return isFloating(type)
        || (WHOLE.contains(type.getPrimitiveTypeName())
            && (type.getLogicalTypeAnnotation() == null
                || type.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation));
  }

  /** What is wrong with a list that has something of this definition level; empty if nothing. */
  String trouble(int level) {
    if (level == embedding.getMaxDefinitionLevel()) {
      return "";
    }
    if (level < lists) {
      return "is null";
    }
    return level == lists ? "is empty, allowed: 1 or more entries" : "has an entry that is null";
  }

  /** The number that a reader of a column has before it. */
  double number(ColumnDescriptor column, ColumnReader reader) {
    return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
      case FLOAT -> reader.getFloat();
      case DOUBLE -> reader.getDouble();
      case INT32 -> reader.getInteger();
      default -> reader.getLong();
    };
  }
}
