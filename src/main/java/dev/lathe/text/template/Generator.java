package dev.lathe.text.template;

import java.util.Iterator;

/** A lazy sequence that can be gone through once, as filters like {@code map} and {@code select} return it. */
final class Generator implements Iterable<Object> {
    private final Iterator<?> items;

    Generator(Iterator<?> items) {
        this.items = items;
    }

    @Override
    public Iterator<Object> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Object next() {
                return items.next();
            }
        };
    }
}
