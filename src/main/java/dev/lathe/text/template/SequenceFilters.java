package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters on sequences, and {@code default}. */
final class SequenceFilters {
    private SequenceFilters() {}

    static Object length(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("length", 0);
        return Values.length(rendering, value);
    }

    static Object list(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("list", 0);
        return Values.list(rendering, value);
    }

    static Object first(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("first", 0);
        Iterator<?> items = Values.iterate(rendering, value);
        return items.hasNext() ? items.next() : Undefined.because("No first item, sequence was empty.");
    }

    static Object last(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("last", 0);
        List<Object> items = Values.list(rendering, reversible(value));
        return items.isEmpty() ? Undefined.because("No last item, sequence was empty.") : items.getLast();
    }

    private static Object reversible(Object value) {
        if (value instanceof Generator) {
            throw Failures.failed("'" + Values.typeName(value) + "' object is not reversible");
        }
        return value;
    }

    static Object reverse(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("reverse", 0);
        if (value instanceof MarkedText text) {
            return Text.slice(rendering, text, Values.length(rendering, text) - 1, -1, -1);
        }
        List<Object> items = Values.list(rendering, value);
        Collections.reverse(items);
        return value instanceof Generator ? items : new Generator(rendering, items::iterator);
    }

    static Object items(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("items", 0);
        return new Generator(rendering, () -> {
            if (value instanceof Map<?, ?> dict) {
                return new DictView(DictView.Kind.ITEMS, dict).iterator();
            }
            if (value instanceof Undefined) {
                return Collections.emptyIterator();
            }
            throw Failures.failed("Can only get item pairs from a mapping.");
        });
    }

    static Object attr(Rendering rendering, Object value, Arguments arguments) {
        String name = arguments.bind("attr", 1, "name").string(0);
        Object found = value instanceof Map ? Access.ABSENT : Access.attribute(rendering, value, name);
        if (found != Access.ABSENT) {
            return found;
        }
        Operation method = CollectionMethods.ofDict(name);
        return method == null ? Undefined.member(value, name) : Access.attribute(rendering, value, name);
    }

    static Object otherwise(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean replaced = value instanceof Undefined || bound.flag(1, false) && !Values.truth(value);
        return replaced ? bound.get(0, MarkedText.ofTemplate("")) : value;
    }

    static Object batch(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
        return new Generator(rendering, () -> batches(rendering, Values.iterate(rendering, value), bound));
    }

    private static Iterator<Object> batches(Rendering rendering, Iterator<?> items, Arguments.Bound bound) {
        return new LookAhead() {
            @Override
            Object compute() {
                long size = bound.integer(0, 0);
                if (!items.hasNext()) {
                    return Access.ABSENT;
                }
                List<Object> batch = new ArrayList<>();
                do {
                    rendering.allocateItems(1);
                    batch.add(items.next());
                } while (batch.size() != size && items.hasNext());
                while (bound.isSet(1) && batch.size() < size) {
                    rendering.allocateItems(1);
                    batch.add(bound.get(1));
                }
                return batch;
            }
        };
    }

    static Object slice(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
        return new Generator(rendering, () -> slices(rendering, Values.list(rendering, value), bound));
    }

    private static Iterator<Object> slices(Rendering rendering, List<Object> items, Arguments.Bound bound) {
        int slices = Math.toIntExact(Math.clamp(bound.integer(0, 0), -1, Integer.MAX_VALUE));
        if (slices == 0) {
            throw Failures.failed("integer division or modulo by zero");
        }
        int size = slices < 0 ? 0 : items.size() / slices;
        int longer = slices < 0 ? 0 : items.size() % slices;
        return new LookAhead() {
            private int next;
            private int start;

            @Override
            Object compute() {
                if (next >= slices) {
                    return Access.ABSENT;
                }
                int end = start + size + (next < longer ? 1 : 0);
                rendering.allocateItems(end - start + 1);
                List<Object> slice = new ArrayList<>(items.subList(start, end));
                if (bound.isSet(1) && next >= longer) {
                    slice.add(bound.get(1));
                }
                start = end;
                next++;
                return slice;
            }
        };
    }
}
