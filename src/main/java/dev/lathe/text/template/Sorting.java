package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's stable {@code sorted} with a key. */
final class Sorting {
    private Sorting() {}

    static List<Object> sorted(Rendering rendering, List<?> items, UnaryOperator<Object> key, boolean reverse) {
        rendering.allocateItems(2L * items.size());
        List<Keyed> keyed = new ArrayList<>(items.size());
        for (Object item : items) {
            keyed.add(new Keyed(ordered(key.apply(item)), item));
        }
        try {
            keyed.sort((a, b) -> reverse ? compare(rendering, b.key, a.key) : compare(rendering, a.key, b.key));
        } catch (IllegalArgumentException noOrder) {
            throw Failures.unsupported("sorting values without a consistent order");
        }
        List<Object> sorted = new ArrayList<>(items.size());
        for (Keyed each : keyed) {
            sorted.add(each.item);
        }
        return sorted;
    }

    private record Keyed(Object key, Object item) {}

    /** NaN has no order, and what Python makes of that depends on its algorithm. */
    private static Object ordered(Object key) {
        for (Object each : key instanceof List<?> keys ? keys : Collections.singletonList(key)) {
            if (each instanceof Double real && real.isNaN()) {
                throw Failures.unsupported("sorting NaN");
            }
        }
        return key;
    }

    private static int compare(Rendering rendering, Object a, Object b) {
        rendering.spend(1);
        if (Values.less(rendering, a, b, "<")) {
            return -1;
        }
        return Values.less(rendering, b, a, "<") ? 1 : 0;
    }
}
