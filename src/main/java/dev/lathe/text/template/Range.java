package dev.lathe.text.template;

import java.util.Iterator;

/** Python's range of integers. */
record Range(long start, long stop, long step) implements Iterable<Object> {
    private static final long MAX_LENGTH = 100_000;

    Range {
        if (step == 0) {
            throw Failures.failed("range() arg 3 must not be zero");
        }
        if (lengthOf(start, stop, step) > MAX_LENGTH) {
            throw Failures.failed("range too big: the sandbox allows " + MAX_LENGTH + " items");
        }
    }

    int length() {
        return (int) lengthOf(start, stop, step);
    }

    long get(int index) {
        return start + index * step;
    }

    boolean contains(long value) {
        return step > 0
                ? value >= start && value < stop && (value - start) % step == 0
                : value <= start && value > stop && (start - value) % -step == 0;
    }

    @Override
    public Iterator<Object> iterator() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < length();
            }

            @Override
            public Object next() {
                return get(next++);
            }
        };
    }

    /** As unsigned arithmetic, so that the whole range of integers does not overflow. */
    private static long lengthOf(long start, long stop, long step) {
        if (step > 0 ? start >= stop : start <= stop) {
            return 0;
        }
        long distance = step > 0 ? stop - start - 1 : start - stop - 1;
        long count = Long.divideUnsigned(distance, step > 0 ? step : -step);
        return count < 0 || count == Long.MAX_VALUE ? Long.MAX_VALUE : count + 1;
    }
}
