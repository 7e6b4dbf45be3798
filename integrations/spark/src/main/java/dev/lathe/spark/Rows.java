package dev.lathe.spark;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Rows and their columns. */
final class Rows {
    private Rows() {}

    /** A text. */
    static String text(Row row, int column) {
        if (row.isNullAt(column)) {
            throw new IllegalArgumentException("column " + row.schema().fieldNames()[column]
                    + " is null in a row: expected a text; filter such rows before");
        }
        return row.getString(column);
    }

    /** A row with more columns. */
    static Row with(Row row, Object... more) {
        Object[] values = new Object[row.length() + more.length];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(more, 0, values, row.length(), more.length);
        return RowFactory.create(values);
    }
}
