package dev.lathe.text.template;

import java.util.Collections;
import java.util.Iterator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The lazy filters {@code map}, {@code select} and their kin; nothing runs before their result is gone through. */
final class SelectFilters {
    private SelectFilters() {}

    static Object map(Rendering rendering, Object value, Arguments arguments) {
        return new Generator(
                rendering,
                () -> Values.truth(value)
                        ? mapped(Values.iterate(rendering, value), mapping(rendering, arguments))
                        : Collections.emptyIterator());
    }

    static Object select(Rendering rendering, Object value, Arguments arguments) {
        return chosen(rendering, value, arguments, false, true);
    }

    static Object reject(Rendering rendering, Object value, Arguments arguments) {
        return chosen(rendering, value, arguments, false, false);
    }

    static Object selectAttribute(Rendering rendering, Object value, Arguments arguments) {
        return chosen(rendering, value, arguments, true, true);
    }

    static Object rejectAttribute(Rendering rendering, Object value, Arguments arguments) {
        return chosen(rendering, value, arguments, true, false);
    }

    /**
     * The items that meet the condition of the arguments, or do not. Of a false value not even the arguments are read.
     */
    private static Generator chosen(
            Rendering rendering, Object value, Arguments arguments, boolean ofAttribute, boolean wanted) {
        return new Generator(rendering, () -> {
            if (!Values.truth(value)) {
                return Collections.emptyIterator();
            }
            Predicate<Object> condition = condition(rendering, arguments, ofAttribute);
            Iterator<?> items = Values.iterate(rendering, value);
            return new LookAhead() {
                @Override
                Object compute() {
                    while (items.hasNext()) {
                        Object item = items.next();
                        if (condition.test(item) == wanted) {
                            return item;
                        }
                    }
                    return Access.ABSENT;
                }
            };
        });
    }

    private static Iterator<Object> mapped(Iterator<?> items, UnaryOperator<Object> mapping) {
        return new LookAhead() {
            @Override
            Object compute() {
                return items.hasNext() ? mapping.apply(items.next()) : Access.ABSENT;
            }
        };
    }

    private static UnaryOperator<Object> mapping(Rendering rendering, Arguments arguments) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey(MarkedText.ofTemplate("attribute"))) {
            Arguments.Bound bound = arguments.bind("map", 0, "attribute", "default");
            AttributePath path = AttributePath.parse(rendering, bound.get(0));
            return item -> path.of(rendering, item, bound.get(1, null));
        }
        if (arguments.positional().isEmpty()) {
            throw Failures.failed("map requires a filter argument");
        }
        String name = Values.string(arguments.positional().getFirst(), "map").text();
        Operation filter = Filters.named(name);
        if (filter == null) {
            throw Filters.isMissing(name)
                    ? Failures.unsupported("the filter '" + name + "'")
                    : Failures.failed("No filter named '" + name + "'.");
        }
        Arguments rest = arguments.withoutFirst(1);
        return item -> filter.run(rendering, item, rest);
    }

    private static Predicate<Object> condition(Rendering rendering, Arguments arguments, boolean ofAttribute) {
        int used = ofAttribute ? 1 : 0;
        if (arguments.positional().size() < used) {
            throw Failures.failed("Missing parameter for attribute name");
        }
        AttributePath path = AttributePath.parse(
                rendering, ofAttribute ? arguments.positional().getFirst() : null);
        if (arguments.positional().size() == used) {
            return item -> Values.truth(path.of(rendering, item));
        }
        String name = Values.string(arguments.positional().get(used), "select").text();
        Operation test = Conditions.named(name);
        if (test == null) {
            throw Failures.failed("No test named '" + name + "'.");
        }
        Arguments rest = arguments.withoutFirst(used + 1);
        return item -> (Boolean) test.run(rendering, path.of(rendering, item), rest);
    }
}
