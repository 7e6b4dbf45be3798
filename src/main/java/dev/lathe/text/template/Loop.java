package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The variable {@code loop} of a {@code for}; looks ahead only where it is asked for what comes. */
final class Loop implements Attributed {
    private final Rendering rendering;
    private Iterator<?> items;
    private Object previous = Access.ABSENT;
    private Object current = Access.ABSENT;
    private Object next = Access.ABSENT;
    private Object lastChanged = Access.ABSENT;
    private long index0 = -1;
    private long length = -1;

    Loop(Rendering rendering, Iterator<?> items) {
        this.rendering = rendering;
        this.items = items;
    }

    /** Goes to the next item, if there is one. */
    boolean advance() {
        if (!hasNext()) {
            return false;
        }
        previous = current;
        current = next == Access.ABSENT ? items.next() : next;
        next = Access.ABSENT;
        index0++;
        return true;
    }

    Object current() {
        return current;
    }

    long index() {
        return index0 + 1;
    }

    /** Number of items; goes through all that are left where it is not known yet. */
    long length() {
        if (length < 0) {
            List<Object> rest = new ArrayList<>();
            while (items.hasNext()) {
                rendering.allocateItems(1);
                rest.add(items.next());
            }
            length = index() + rest.size() + (next == Access.ABSENT ? 0 : 1);
            items = rest.iterator();
        }
        return length;
    }

    private boolean hasNext() {
        return next != Access.ABSENT || items.hasNext();
    }

    private Object peek() {
        if (next == Access.ABSENT && items.hasNext()) {
            next = items.next();
        }
        return next;
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "index" -> index();
            case "index0" -> index0;
            case "first" -> index0 == 0;
            case "last" -> peek() == Access.ABSENT;
            case "length" -> length();
            case "revindex" -> length() - index0;
            case "revindex0" -> length() - index();
            case "depth" -> 1L;
            case "depth0" -> 0L;
            case "previtem" -> index0 == 0 ? Undefined.because("there is no previous item") : previous;
            case "nextitem" -> peek() == Access.ABSENT ? Undefined.because("there is no next item") : peek();
            case "cycle" -> (Invocable) this::cycle;
            case "changed" -> (Invocable) this::changed;
            default -> Access.ABSENT;
        };
    }

    private Object cycle(Rendering ignored, Arguments arguments) {
        if (arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
            throw Failures.failed("loop.cycle takes the items to cycle through");
        }
        return arguments.positional().get((int) (index0 % arguments.positional().size()));
    }

    private Object changed(Rendering rendering, Arguments arguments) {
        boolean changed = lastChanged == Access.ABSENT || !Values.equal(rendering, lastChanged, arguments.positional());
        lastChanged = arguments.positional();
        return changed;
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }
}
