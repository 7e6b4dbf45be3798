package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's stable {@code sorted} with a key. */
final class Sorting {
    private Sorting() {}

    static List<Object> sorted(Rendering rendering, List<?> items, UnaryOperator<Object> key, boolean reverse) {
        rendering.allocateItems(2L * items.size());
        List<Keyed> keyed = new ArrayList<>(items.size());
        for (Object item : items) {
            keyed.add(new Keyed(key.apply(item), item));
        }
        keyed.sort((a, b) -> reverse ? compare(rendering, b.key, a.key) : compare(rendering, a.key, b.key));
        List<Object> sorted = new ArrayList<>(items.size());
        for (Keyed each : keyed) {
            sorted.add(each.item);
        }
        return sorted;
    }

    private record Keyed(Object key, Object item) {}

    private static int compare(Rendering rendering, Object a, Object b) {
        rendering.spend(1);
        if (a instanceof Double left && left.isNaN() || b instanceof Double right && right.isNaN()) {
            throw Failures.unsupported("sorting NaN");
        }
        if (Values.less(rendering, a, b, "<")) {
            return -1;
        }
        return Values.less(rendering, b, a, "<") ? 1 : 0;
    }
}
