package dev.lathe.figures;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows of a report, written as aligned text, Markdown or comma-separated values. Immutable; of many rows, make it at
 * once.
 *
 * @param header names of the columns
 * @param rows cells, as many a row as there are columns
 */
public record Table(List<String> header, List<List<String>> rows) {
    private static final String GAP = "  ";
    private static final Pattern NUMBERS = Pattern.compile("-?|[-+]?[\\d.][-+\\d.,%e \u00b1]*");

    /** Copies the lists. */
    public Table {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.size() + " cells in a table of " + header.size() + " columns: " + row);
            }
        }
    }

    /** A table without rows. */
    public static Table of(String... header) {
        return new Table(List.of(header), List.of());
    }

    /** With one row more; numbers that are no integers are written with four digits. */
    public Table row(Object... cells) {
        List<List<String>> more = new ArrayList<>(rows);
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(
                    cell instanceof Double || cell instanceof Float
                            ? number(((Number) cell).doubleValue())
                            : "" + cell);
        }
        more.add(row);
        return new Table(header, more);
    }

    private static String number(double value) {
        boolean plain = value == 0 || Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7;
        if (!plain || !Double.isFinite(value)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        int digits = value == 0 ? 0 : Math.max(0, 3 - (int) Math.floor(Math.log10(Math.abs(value))));
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /** Columns aligned by spaces, a line a row: numbers to the right, words to the left. */
    public String text() {
        int[] widths = new int[header.size()];
        boolean[] numeric = new boolean[widths.length];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Stream.concat(Stream.of(header), rows.stream())
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElseThrow();
            numeric[i] = !rows.isEmpty()
                    && rows.stream()
                            .allMatch(row -> NUMBERS.matcher(row.get(column)).matches());
        }
        return lines(row -> {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(numeric[i] ? padding + row.get(i) : row.get(i) + padding)
                        .append(GAP);
            }
            return line.toString().stripTrailing();
        });
    }

    /** A table of Markdown. */
    public String markdown() {
        String head = markdown(header) + "\n"
                + markdown(header.stream().map(cell -> "---").toList()) + "\n";
        return head + rows.stream().map(row -> markdown(row) + "\n").collect(Collectors.joining());
    }

    private static String markdown(List<String> row) {
        return row.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |"));
    }

    /** Comma-separated values by RFC 4180. */
    public String csv() {
        return lines(row -> row.stream()
                .map(cell -> cell.matches("[^\",\r\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(",")));
    }

    private String lines(Function<List<String>, String> line) {
        return line.apply(header) + "\n"
                + rows.stream().map(row -> line.apply(row) + "\n").collect(Collectors.joining());
    }
}
