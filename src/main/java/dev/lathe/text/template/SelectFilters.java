package dev.lathe.text.template;

import java.util.Iterator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The lazy filters {@code map}, {@code select} and their kin; nothing runs before their result is gone through. */
final class SelectFilters {
    private SelectFilters() {}

    static Object map(Rendering rendering, Object value, Arguments arguments) {
        return lazily(value, Values.truth(value), () -> mapping(rendering, arguments), null);
    }

    static Object select(Rendering rendering, Object value, Arguments arguments) {
        return lazily(value, Values.truth(value), null, () -> condition(rendering, arguments, false));
    }

    static Object reject(Rendering rendering, Object value, Arguments arguments) {
        return lazily(value, Values.truth(value), null, () -> condition(rendering, arguments, false).negate());
    }

    static Object selectAttribute(Rendering rendering, Object value, Arguments arguments) {
        return lazily(value, Values.truth(value), null, () -> condition(rendering, arguments, true));
    }

    static Object rejectAttribute(Rendering rendering, Object value, Arguments arguments) {
        return lazily(value, Values.truth(value), null, () -> condition(rendering, arguments, true).negate());
    }

    private interface Prepared<T> {
        T prepare();
    }

    /** A false value is not even asked for its items, nor are the arguments looked at: so Jinja2 has it. */
    private static Generator lazily(
            Object value, boolean any, Prepared<UnaryOperator<Object>> mapping, Prepared<Predicate<Object>> condition) {
        return new Generator(new LookAhead() {
            private Iterator<?> items;
            private UnaryOperator<Object> mapper;
            private Predicate<Object> wanted;

            @Override
            Object compute() {
                if (!any) {
                    return Access.ABSENT;
                }
                if (items == null) {
                    mapper = mapping == null ? null : mapping.prepare();
                    wanted = condition == null ? null : condition.prepare();
                    items = Values.iterate(value);
                }
                while (items.hasNext()) {
                    Object item = items.next();
                    if (mapper != null) {
                        return mapper.apply(item);
                    }
                    if (wanted.test(item)) {
                        return item;
                    }
                }
                return Access.ABSENT;
            }
        });
    }

    private static UnaryOperator<Object> mapping(Rendering rendering, Arguments arguments) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Arguments.Bound bound = arguments.bind("map", 0, "attribute", "default");
            AttributePath path = AttributePath.of(bound.get(0));
            return item -> {
                rendering.spend(1);
                return path.of(rendering, item, bound.get(1, null));
            };
        }
        if (arguments.positional().isEmpty()) {
            throw Failures.failed("map requires a filter argument");
        }
        String name = Values.string(arguments.positional().getFirst(), "map");
        Operation filter = Filters.named(name);
        if (filter == null) {
            throw Filters.isMissing(name)
                    ? Failures.unsupported("the filter '" + name + "'")
                    : Failures.failed("No filter named '" + name + "'.");
        }
        Arguments rest = arguments.withoutFirst(1);
        return item -> {
            rendering.spend(1);
            return filter.apply(rendering, item, rest);
        };
    }

    private static Predicate<Object> condition(Rendering rendering, Arguments arguments, boolean ofAttribute) {
        int used = ofAttribute ? 1 : 0;
        if (arguments.positional().size() < used) {
            throw Failures.failed("Missing parameter for attribute name");
        }
        AttributePath path = AttributePath.of(ofAttribute ? arguments.positional().getFirst() : null);
        if (arguments.positional().size() == used) {
            return item -> {
                rendering.spend(1);
                return Values.truth(path.of(rendering, item));
            };
        }
        String name = Values.string(arguments.positional().get(used), "select");
        Operation test = Conditions.named(name);
        if (test == null) {
            throw Failures.failed("No test named '" + name + "'.");
        }
        Arguments rest = arguments.withoutFirst(used + 1);
        return item -> {
            rendering.spend(1);
            return (Boolean) test.apply(rendering, path.of(rendering, item), rest);
        };
    }
}
