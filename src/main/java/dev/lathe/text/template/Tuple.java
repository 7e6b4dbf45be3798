package dev.lathe.text.template;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A tuple; its fields may have names. Unlike lists of the same items it prints with parentheses and equals tuples
 * only.
 */
final class Tuple extends AbstractList<Object> implements RandomAccess {
    private final Object[] items;
    private final List<String> fields;

    private Tuple(Object[] items, List<String> fields) {
        this.items = items;
        this.fields = fields;
    }

    static Tuple of(Object... items) {
        return new Tuple(items, List.of());
    }

    static Tuple named(List<String> fields, Object... items) {
        return new Tuple(items, fields);
    }

    /** The item of a named field, or {@link Access#ABSENT}. */
    Object field(String name) {
        int index = fields.indexOf(name);
        return index < 0 ? Access.ABSENT : items[index];
    }

    @Override
    public Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }
}
