package dev.lathe.text.template;

import java.util.Iterator;
import java.util.function.Supplier;

/**
 * A lazy sequence that can be gone through once, as filters like {@code map} and {@code select} return it; nothing is
 * computed, and nothing fails, before its first item is asked for.
 */
final class Generator implements Iterable<Object> {
    private final Rendering rendering;
    private final Supplier<Iterator<?>> source;
    private Iterator<?> items;

    Generator(Rendering rendering, Supplier<Iterator<?>> source) {
        this.rendering = rendering;
        this.source = source;
    }

    private Iterator<?> items() {
        if (items == null) {
            items = source.get();
        }
        return items;
    }

    @Override
    public Iterator<Object> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                rendering.enter();
                boolean more = items().hasNext();
                rendering.leave();
                return more;
            }

            @Override
            public Object next() {
                rendering.enter();
                Object item = items().next();
                rendering.leave();
                return item;
            }
        };
    }
}
