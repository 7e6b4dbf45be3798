package dev.lathe.text.template;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An iterator whose {@link #compute} says the next item, or {@link Access#ABSENT} at the end; works no earlier than
 * asked.
 */
abstract class LookAhead implements Iterator<Object> {
    private Object ahead = Access.ABSENT;
    private boolean ended;

    abstract Object compute();

    @Override
    public final boolean hasNext() {
        if (ahead == Access.ABSENT && !ended) {
            ahead = compute();
            ended = ahead == Access.ABSENT;
        }
        return !ended;
    }

    @Override
    public final Object next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Object item = ahead;
        ahead = Access.ABSENT;
        return item;
    }
}
