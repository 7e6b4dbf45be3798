package dev.lathe.lab.registry;

import dev.lathe.figures.Table;
import java.util.List;
import java.util.Locale;

/**
 * A figure of a run beside that of its repetition.
 *
 * @param name of the figure
 * @param was what the run's manifest tells
 * @param is what came of the repetition; not a number where it has no such figure
 * @param tolerance relative difference that the figure may have: 0 for an exact one, which must be the same to the bit,
 *     infinite for one that only the machine of the run could repeat
 */
public record Comparison(String name, double was, double is, double tolerance) {
    /** Whether it must be the same to the bit. */
    public boolean isExact() {
        return tolerance == 0;
    }

    /** How far it is from what it was, as a share of that; not a number where there is no such figure. */
    public double difference() {
        return is == was ? 0 : Math.abs(is - was) / Math.abs(was);
    }

    /** Whether the difference is within the tolerance. */
    public boolean agrees() {
        return isExact() ? Double.doubleToLongBits(is) == Double.doubleToLongBits(was) : difference() <= tolerance;
    }

    /** A row for each figure, with what was expected of it. */
    public static Table table(List<Comparison> comparisons) {
        Table table = Table.of("figure", "was", "is", "difference", "expected", "agrees");
        for (Comparison each : comparisons) {
            table = table.row(
                    each.name,
                    each.was,
                    each.is,
                    String.format(Locale.ROOT, "%.1f%%", 100 * each.difference()),
                    each.expected(),
                    each.agrees() ? "yes" : "no");
        }
        return table;
    }

    private String expected() {
        if (isExact()) {
            return "the same to the bit";
        }
        return Double.isInfinite(tolerance)
                ? "anything: another machine"
                : String.format(Locale.ROOT, "within %.0f%%", 100 * tolerance);
    }
}
