package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code a.b}, {@code a[b]} and {@code a[b:c]}: attributes, items, slices. */
final class Access {
    /** Stands for what is not there, since null is None. */
    static final Object ABSENT = new Object();

    private Access() {}

    /** {@code value.name}: the attribute if there is one, else the item. */
    static Object attribute(Rendering rendering, Object value, String name) {
        Values.requireDefined(value);
        Object found = ownAttribute(value, name);
        if (found == ABSENT && value instanceof Map<?, ?> dict) {
            found = entry(rendering, dict, MarkedText.ofTemplate(name));
        }
        return found == ABSENT ? Undefined.member(value, name) : found;
    }

    /** {@code value[key]}: the item if there is one, else the attribute. */
    static Object item(Rendering rendering, Object value, Object key) {
        Values.requireDefined(value);
        Object found = ownItem(rendering, value, key);
        if (found == ABSENT && key instanceof MarkedText name) {
            found = ownAttribute(value, name.text());
        }
        return found == ABSENT ? Undefined.member(value, key) : found;
    }

    /** The value of a key of a dict, or {@link #ABSENT}. */
    static Object entry(Rendering rendering, Map<?, ?> dict, Object wantedKey) {
        Object key = wantedKey instanceof Markup markup ? markup.text() : wantedKey;
        if (key instanceof MarkedText text) {
            rendering.payReading(text);
            Object found = dict.get(key);
            return found != null || dict.containsKey(key) ? found : ABSENT;
        }
        Object wanted = Values.key(rendering, key);
        for (Map.Entry<?, ?> entry : dict.entrySet()) {
            rendering.spend(1);
            if (!(entry.getKey() instanceof MarkedText)
                    && java.util.Objects.equals(Values.key(rendering, entry.getKey()), wanted)) {
                return entry.getValue();
            }
        }
        return ABSENT;
    }

    private static Object ownItem(Rendering rendering, Object value, Object key) {
        if (value instanceof Map<?, ?> dict) {
            return key instanceof List<?> && !(key instanceof Tuple) || key instanceof Map
                    ? ABSENT
                    : entry(rendering, dict, key);
        }
        if (value instanceof Markup) {
            throw Failures.unsupported("an item of escaped text");
        }
        if (!Values.isInteger(key) || !isIndexable(value)) {
            return ABSENT;
        }
        long length = Values.length(rendering, value);
        long index = Values.whole(key) < 0 ? Values.whole(key) + length : Values.whole(key);
        return index < 0 || index >= length ? ABSENT : at(value, (int) index);
    }

    private static boolean isIndexable(Object value) {
        return value instanceof List || value instanceof MarkedText || value instanceof Range;
    }

    private static Object at(Object value, int index) {
        if (value instanceof List<?> list) {
            return list.get(index);
        }
        return value instanceof Range range ? (Object) range.get(index) : Text.at((MarkedText) value, index);
    }

    private static Object ownAttribute(Object value, String name) {
        if (value instanceof Attributed attributed) {
            return attributed.attribute(name);
        }
        Operation method = null;
        if (value instanceof MarkedText) {
            method = StringMethods.named(name);
        } else if (value instanceof Map) {
            method = CollectionMethods.ofDict(name);
        } else if (value instanceof Tuple tuple && tuple.field(name) != ABSENT) {
            return tuple.field(name);
        } else if (value instanceof List) {
            method = CollectionMethods.ofList(name, value instanceof Tuple);
        } else if (value instanceof Markup || value instanceof DictView || value instanceof Range) {
            throw Failures.unsupported("attribute '" + name + "' of '" + Values.typeName(value) + "'");
        } else if (Values.isNumber(value) && !name.startsWith("_") && isNumberAttribute(name)) {
            throw Failures.unsupported("attribute '" + name + "' of '" + Values.typeName(value) + "'");
        }
        return method == null
                ? ABSENT
                : method == CollectionMethods.FORBIDDEN
                        ? Undefined.because("access to attribute '" + name + "' of '" + Values.typeName(value)
                                + "' object is unsafe: values cannot be changed")
                        : new BoundMethod(value, method);
    }

    private static boolean isNumberAttribute(String name) {
        return switch (name) {
            case "real",
                    "imag",
                    "numerator",
                    "denominator",
                    "bit_length",
                    "bit_count",
                    "conjugate",
                    "to_bytes",
                    "from_bytes",
                    "is_integer",
                    "as_integer_ratio",
                    "hex",
                    "fromhex" -> true;
            default -> false;
        };
    }

    /** {@code value[start:stop:step]}; null where a bound is left out. */
    static Object slice(Rendering rendering, Object value, Object start, Object stop, Object step) {
        Values.requireDefined(value);
        if (!isIndexable(value)) {
            if (value instanceof Markup) {
                throw Failures.unsupported("a slice of escaped text");
            }
            throw Failures.failed("'" + Values.typeName(value) + "' object cannot be sliced");
        }
        long stride = step == null ? 1 : bound(step);
        if (stride == 0) {
            throw Failures.failed("slice step cannot be zero");
        }
        long length = Values.length(rendering, value);
        long first = clamp(start == null ? (stride > 0 ? 0 : length - 1) : wrap(bound(start), length), length, stride);
        long end = stop == null ? (stride > 0 ? length : -1) : clamp(wrap(bound(stop), length), length, stride);
        if (value instanceof Range range) {
            return new Range(
                    range.start() + first * range.step(), range.start() + end * range.step(), range.step() * stride);
        }
        if (value instanceof MarkedText text) {
            return Text.slice(rendering, text, first, end, stride);
        }
        List<?> list = (List<?>) value;
        List<Object> items = new ArrayList<>();
        for (long i = first; stride > 0 ? i < end : i > end; i += stride) {
            rendering.allocateItems(1);
            items.add(list.get((int) i));
            if (stride > length || stride < -length) {
                break;
            }
        }
        return value instanceof Tuple ? Tuple.of(items.toArray()) : items;
    }

    private static long bound(Object value) {
        if (Values.isInteger(value)) {
            return Values.whole(value);
        }
        throw Failures.failed("slice indices must be integers or None");
    }

    private static long wrap(long index, long length) {
        return index < 0 ? Math.max(index + length, -1) : index;
    }

    /** Into the bounds that a slice of this direction may have. */
    private static long clamp(long index, long length, long stride) {
        return stride > 0 ? Math.clamp(index, 0, length) : Math.clamp(index, -1, length - 1);
    }
}
