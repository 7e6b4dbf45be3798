package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What Python does with a value whatever its type: truth, length, iteration, equality, order.
 *
 * <p>Written with {@code instanceof}, not with pattern switches: those cost milliseconds when a virtual machine has
 * just started.
 */
final class Values {
    private Values() {}

    static boolean truth(Object value) {
        if (value == null || value instanceof Undefined) {
            return false;
        }
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (isNumber(value)) {
            return real(value) != 0;
        }
        if (value instanceof MarkedText text) {
            return !text.isEmpty();
        }
        if (value instanceof Markup markup) {
            return !markup.text().isEmpty();
        }
        return value instanceof Undefined || !hasLength(value) || size(value) != 0;
    }

    /** The name of a value's type in Python. */
    static String typeName(Object value) {
        if (value == null) {
            return "NoneType";
        }
        if (value instanceof MarkedText) {
            return "str";
        }
        if (value instanceof Boolean) {
            return "bool";
        }
        if (value instanceof Long) {
            return "int";
        }
        if (value instanceof Double) {
            return "float";
        }
        if (value instanceof List) {
            return value instanceof Tuple ? "tuple" : "list";
        }
        if (value instanceof Map) {
            return "dict";
        }
        if (value instanceof DictView view) {
            return view.kind().typeName;
        }
        if (value instanceof Attributed attributed) {
            return attributed.typeName();
        }
        if (value instanceof Invocable) {
            return "function";
        }
        String name = value.getClass().getSimpleName();
        return value instanceof Range || value instanceof Generator ? name.toLowerCase(java.util.Locale.ROOT) : name;
    }

    static boolean hasLength(Object value) {
        return value instanceof MarkedText
                || value instanceof List
                || value instanceof Map
                || value instanceof Undefined
                || value instanceof Range
                || value instanceof DictView
                || value instanceof Markup
                || value instanceof Loop;
    }

    /** {@code len(value)}; of a text the number of code points. */
    static long length(Rendering rendering, Object value) {
        if (value instanceof Markup markup) {
            return length(rendering, markup.text());
        }
        if (value instanceof MarkedText text) {
            rendering.payReading(text);
            return text.text().codePointCount(0, text.length());
        }
        return size(value);
    }

    /** The length of a value that has one. */
    private static long size(Object value) {
        if (value instanceof List<?> list) {
            return list.size();
        }
        if (value instanceof Map<?, ?> dict) {
            return dict.size();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        if (value instanceof Range range) {
            return range.length();
        }
        if (value instanceof DictView view) {
            return view.dict().size();
        }
        if (value instanceof Loop loop) {
            return loop.length();
        }
        throw Failures.failed("object of type '" + typeName(value) + "' has no len()");
    }

    static boolean isIterable(Object value) {
        return value instanceof Iterable || hasLength(value);
    }

    /** Iterates over a value; each item costs a step. */
    static Iterator<Object> iterate(Rendering rendering, Object value) {
        Iterator<?> items = items(value);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Object next() {
                rendering.spend(1);
                return items.next();
            }
        };
    }

    private static Iterator<?> items(Object value) {
        if (value instanceof Iterable<?> iterable) {
            return iterable.iterator();
        }
        if (value instanceof Map<?, ?> dict) {
            return dict.keySet().iterator();
        }
        if (value instanceof MarkedText text) {
            return Text.characters(text);
        }
        if (value instanceof Undefined) {
            return Collections.emptyIterator();
        }
        if (value instanceof Markup) {
            throw Failures.unsupported("going through the characters of escaped text");
        }
        throw Failures.failed("'" + typeName(value) + "' object is not iterable");
    }

    /** A new list of all items. */
    static List<Object> list(Rendering rendering, Object value) {
        List<Object> items = new ArrayList<>();
        for (Iterator<?> iterator = iterate(rendering, value); iterator.hasNext(); ) {
            rendering.allocateItems(1);
            items.add(iterator.next());
        }
        return items;
    }

    /** Whether it is an int, a float, or a bool, which Python counts as an int. */
    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    static long whole(Object integer) {
        return integer instanceof Boolean bool ? (bool ? 1 : 0) : (Long) integer;
    }

    static double real(Object number) {
        return number instanceof Double real ? real : whole(number);
    }

    static long integer(Object value, String callee) {
        if (isInteger(value)) {
            return whole(value);
        }
        requireDefined(value);
        throw Failures.failed(callee + ": expected an integer, got '" + typeName(value) + "'");
    }

    static MarkedText string(Object value, String callee) {
        if (value instanceof MarkedText text) {
            return text;
        }
        requireDefined(value);
        if (value instanceof Markup) {
            throw Failures.unsupported(callee + " on escaped text");
        }
        throw Failures.failed(callee + ": expected a string, got '" + typeName(value) + "'");
    }

    static void requireDefined(Object value) {
        if (value instanceof Undefined undefined) {
            throw Failures.failed(undefined.message());
        }
    }

    static boolean equal(Rendering rendering, Object a, Object b) {
        if (a == b) {
            return !(a instanceof Double real) || !real.isNaN();
        }
        if (a == null || b == null) {
            return false;
        }
        if (isNumber(a) && isNumber(b)) {
            return isInteger(a) && isInteger(b) ? whole(a) == whole(b) : compareNumbers(a, b) == 0;
        }
        if (a instanceof MarkedText || a instanceof Markup) {
            if (!(b instanceof MarkedText || b instanceof Markup) || plain(a).length() != plain(b).length()) {
                return false;
            }
            rendering.payReading(plain(a));
            return plain(a).equals(plain(b));
        }
        if (a instanceof List<?> left && b instanceof List<?> right) {
            return a instanceof Tuple == b instanceof Tuple && equalLists(rendering, left, right);
        }
        if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
            return equalDicts(rendering, left, right);
        }
        if (a instanceof Range left && b instanceof Range right) {
            return left.length() == right.length()
                    && (left.length() == 0 || left.start() == right.start())
                    && (left.length() <= 1 || left.step() == right.step());
        }
        if (a instanceof DictView && b instanceof DictView) {
            throw Failures.unsupported("comparing views of dicts");
        }
        return a instanceof Undefined && b instanceof Undefined;
    }

    /** Whether Python's containers take the two for the same item: NaN is not equal to itself, yet found. */
    static boolean identicalOrEqual(Rendering rendering, Object a, Object b) {
        return a == b || equal(rendering, a, b);
    }

    private static boolean equalLists(Rendering rendering, List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        rendering.enter();
        for (int i = 0; i < left.size(); i++) {
            rendering.spend(1);
            if (!identicalOrEqual(rendering, left.get(i), right.get(i))) {
                return leaveWith(rendering, false);
            }
        }
        return leaveWith(rendering, true);
    }

    private static boolean equalDicts(Rendering rendering, Map<?, ?> left, Map<?, ?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        rendering.enter();
        for (Map.Entry<?, ?> entry : left.entrySet()) {
            Object other = Access.entry(rendering, right, entry.getKey());
            if (other == Access.ABSENT || !identicalOrEqual(rendering, entry.getValue(), other)) {
                return leaveWith(rendering, false);
            }
        }
        return leaveWith(rendering, true);
    }

    private static boolean leaveWith(Rendering rendering, boolean result) {
        rendering.leave();
        return result;
    }

    /** Whether {@code a < b}; the operator is named in failures. */
    static boolean less(Rendering rendering, Object a, Object b, String operator) {
        if (isNumber(a) && isNumber(b)) {
            return compareNumbers(a, b) < 0;
        }
        if (a instanceof MarkedText left && b instanceof MarkedText right) {
            rendering.payReading(left.length() < right.length() ? left : right);
            return Text.compare(left.text(), right.text()) < 0;
        }
        if (a instanceof List<?> left && b instanceof List<?> right && a instanceof Tuple == b instanceof Tuple) {
            rendering.enter();
            int common = Math.min(left.size(), right.size());
            int i = 0;
            while (i < common && identicalOrEqual(rendering, left.get(i), right.get(i))) {
                rendering.spend(1);
                i++;
            }
            boolean result =
                    i < common ? less(rendering, left.get(i), right.get(i), operator) : left.size() < right.size();
            return leaveWith(rendering, result);
        }
        requireDefined(a);
        requireDefined(b);
        if (a instanceof Markup || b instanceof Markup || a instanceof DictView || b instanceof DictView) {
            throw Failures.unsupported("ordering '" + typeName(a) + "' and '" + typeName(b) + "'");
        }
        throw Failures.failed("'" + operator + "' not supported between instances of '" + typeName(a) + "' and '"
                + typeName(b) + "'");
    }

    /** Exact also where an int has no float of the same value; 2 where one is NaN. */
    private static int compareNumbers(Object a, Object b) {
        if (isInteger(a) && isInteger(b)) {
            return Long.compare(whole(a), whole(b));
        }
        if (a instanceof Double left && b instanceof Double right) {
            return left < right ? -1 : left > right ? 1 : left.doubleValue() == right ? 0 : 2;
        }
        double real = a instanceof Double left ? left : (Double) b;
        if (Double.isNaN(real)) {
            return 2;
        }
        int order = compare(whole(a instanceof Double ? b : a), real);
        return a instanceof Double ? -order : order;
    }

    /** Exact: the whole part of a float within the range of longs is a long, and what is left of it is a float. */
    private static int compare(long whole, double real) {
        if (Math.abs(real) >= 0x1p63) {
            return real > 0 ? -1 : whole == Long.MIN_VALUE && real == -0x1p63 ? 0 : 1;
        }
        int order = Long.compare(whole, (long) real);
        return order != 0 ? order : Double.compare(0, real - (long) real + 0.0);
    }

    /**
     * A value that equals another's exactly where Python finds the two to be the same key. Comparing two pays, since
     * many may have the same hash.
     */
    static Object key(Rendering rendering, Object value) {
        if (value instanceof Boolean || value instanceof Long) {
            return whole(value);
        }
        if (value instanceof Double real && real == Math.rint(real) && Math.abs(real) < 1L << 62) {
            return real.longValue();
        }
        if (value instanceof Markup markup) {
            return markup.text();
        }
        if (value instanceof Undefined) {
            return Undefined.class;
        }
        if (value instanceof Tuple tuple) {
            rendering.enter();
            rendering.allocateItems(tuple.size());
            List<Object> keys = new ArrayList<>(tuple.size());
            for (Object item : tuple) {
                keys.add(key(rendering, item));
            }
            rendering.leave();
            return new TupleKey(rendering, keys, keys.hashCode());
        }
        if (value instanceof List || value instanceof Map) {
            throw Failures.failed("unhashable type: '" + typeName(value) + "'");
        }
        return value;
    }

    /** The key of a tuple. */
    private record TupleKey(Rendering rendering, List<Object> keys, int hash) {
        @Override
        public boolean equals(Object other) {
            rendering.spend(1);
            if (!(other instanceof TupleKey that) || hash != that.hash || keys.size() != that.keys.size()) {
                return false;
            }
            for (int i = 0; i < keys.size(); i++) {
                rendering.spend(1);
                Object key = keys.get(i);
                if (key instanceof MarkedText text) {
                    rendering.payReading(text);
                }
                if (!java.util.Objects.equals(key, that.keys.get(i))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private static MarkedText plain(Object text) {
        return text instanceof Markup markup ? markup.text() : (MarkedText) text;
    }
}
