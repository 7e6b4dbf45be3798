package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters that sort, group and compare; text is compared without case unless asked otherwise. */
final class OrderFilters {
    private OrderFilters() {}

    private static Object withoutCase(Rendering rendering, Object value, boolean caseSensitive) {
        return value instanceof MarkedText text && !caseSensitive ? Text.lower(rendering, text) : value;
    }

    private static UnaryOperator<Object> key(Rendering rendering, Object attribute, boolean caseSensitive) {
        AttributePath path = AttributePath.parse(rendering, attribute);
        return item -> withoutCase(rendering, path.of(rendering, item), caseSensitive);
    }

    static Object sort(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = bound.flag(1, false);
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        if (bound.get(2, null) instanceof MarkedText attributes) {
            for (Object attribute : splitAtCommas(rendering, attributes)) {
                keys.add(key(rendering, attribute, caseSensitive));
            }
        } else {
            keys.add(key(rendering, bound.get(2, null), caseSensitive));
        }
        // A list even of one key, as in Jinja2: lists compare equal items without asking for their order.
        UnaryOperator<Object> key = item -> {
            rendering.allocateItems(keys.size());
            List<Object> values = new ArrayList<>(keys.size());
            for (UnaryOperator<Object> each : keys) {
                values.add(each.apply(item));
            }
            return values;
        };
        return Sorting.sorted(rendering, Values.list(rendering, value), key, bound.flag(0, false));
    }

    private static List<MarkedText> splitAtCommas(Rendering rendering, MarkedText attributes) {
        List<MarkedText> parts = new ArrayList<>();
        int start = 0;
        for (int comma = 0; comma >= 0; start = comma + 1) {
            comma = attributes.text().indexOf(',', start);
            parts.add(Text.part(rendering, attributes, start, comma < 0 ? attributes.length() : comma));
            if (comma < 0) {
                break;
            }
        }
        return parts;
    }

    static Object dictSort(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        String by = bound.has(1) ? bound.string(1) : "key";
        if (!by.equals("key") && !by.equals("value")) {
            throw Failures.failed("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof Map<?, ?> dict)) {
            Values.requireDefined(value);
            throw Failures.failed("dictsort: expected a dict, got '" + Values.typeName(value) + "'");
        }
        List<Object> items = Values.list(rendering, new DictView(DictView.Kind.ITEMS, dict));
        int index = by.equals("key") ? 0 : 1;
        boolean caseSensitive = bound.flag(0, false);
        return Sorting.sorted(
                rendering,
                items,
                item -> withoutCase(rendering, ((Tuple) item).get(index), caseSensitive),
                bound.flag(2, false));
    }

    static Object groupBy(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        AttributePath path = AttributePath.parse(rendering, bound.get(0));
        boolean caseSensitive = bound.flag(2, false);
        UnaryOperator<Object> attribute = item -> path.of(rendering, item, bound.get(1, null));
        UnaryOperator<Object> key = item -> withoutCase(rendering, attribute.apply(item), caseSensitive);
        List<Object> groups = new ArrayList<>();
        List<Object> group = null;
        Object last = Access.ABSENT;
        for (Object item : Sorting.sorted(rendering, Values.list(rendering, value), key, false)) {
            Object next = key.apply(item);
            rendering.allocateItems(1);
            if (group == null || !Values.equal(rendering, last, next)) {
                group = new ArrayList<>();
                groups.add(Tuple.named(List.of("grouper", "list"), attribute.apply(item), group));
                last = next;
            }
            group.add(item);
        }
        return groups;
    }

    static Object min(Rendering rendering, Object value, Arguments arguments) {
        return extreme(rendering, value, arguments.bind("min", 0, "case_sensitive", "attribute"), false);
    }

    static Object max(Rendering rendering, Object value, Arguments arguments) {
        return extreme(rendering, value, arguments.bind("max", 0, "case_sensitive", "attribute"), true);
    }

    private static Object extreme(Rendering rendering, Object value, Arguments.Bound bound, boolean largest) {
        UnaryOperator<Object> key = key(rendering, bound.get(1, null), bound.flag(0, false));
        Iterator<?> items = Values.iterate(rendering, value);
        if (!items.hasNext()) {
            return Undefined.because("No aggregated item, sequence was empty.");
        }
        Object best = items.next();
        Object bestKey = key.apply(best);
        while (items.hasNext()) {
            Object item = items.next();
            Object itemKey = key.apply(item);
            if (largest
                    ? Values.less(rendering, bestKey, itemKey, ">")
                    : Values.less(rendering, itemKey, bestKey, "<")) {
                best = item;
                bestKey = itemKey;
            }
        }
        return best;
    }

    static Object unique(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        UnaryOperator<Object> key = key(rendering, bound.get(1, null), bound.flag(0, false));
        return new Generator(rendering, () -> unique(rendering, Values.iterate(rendering, value), key));
    }

    private static Iterator<Object> unique(Rendering rendering, Iterator<?> items, UnaryOperator<Object> key) {
        Set<Object> seen = new HashSet<>();
        return new LookAhead() {
            @Override
            Object compute() {
                while (items.hasNext()) {
                    rendering.allocateItems(1);
                    Object item = items.next();
                    if (seen.add(Values.key(rendering, key.apply(item)))) {
                        return item;
                    }
                }
                return Access.ABSENT;
            }
        };
    }
}
