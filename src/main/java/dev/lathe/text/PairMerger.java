package dev.lathe.text;

import java.util.Arrays;

/**
 * Byte-pair encoding's loop: merges neighbouring symbols, always the pair of the smallest priority and of several the
 * leftmost, until no pair can merge. O(n log n) for n symbols. Reused from text to text; one thread at a time.
 */
abstract class PairMerger {
    /** The candidate of a pair that cannot merge. */
    static final long NONE = Long.MAX_VALUE;

    private static final int NO_SYMBOL = -1;

    private int[] tokens = new int[64];
    private int[] next = new int[64];
    private int[] previous = new int[64];

    /** For each symbol what merging it with the next one gives; the heap holds these priorities, some outdated. */
    private long[] candidates = new long[64];

    private final LongHeap heap = new LongHeap();
    private int size;

    /** What two symbols merge to: {@link #candidate(int, int)} of its priority and token, or {@link #NONE}. */
    abstract long pair(int left, int right);

    static long candidate(int priority, int token) {
        return (long) priority << 32 | token;
    }

    final void clear() {
        size = 0;
    }

    /** Appends a symbol; negative tokens stand for symbols without one. */
    final void add(int token) {
        if (size == tokens.length) {
            grow();
        }
        tokens[size++] = token;
    }

    final int token(int symbol) {
        return tokens[symbol];
    }

    /** The first symbol, or -1 of an empty text. */
    final int first() {
        return size == 0 ? NO_SYMBOL : 0;
    }

    /** The symbol after this one, or -1 after the last. */
    final int next(int symbol) {
        return next[symbol];
    }

    final void merge() {
        for (int symbol = 0; symbol < size; symbol++) {
            previous[symbol] = symbol - 1;
            next[symbol] = symbol + 1 < size ? symbol + 1 : NO_SYMBOL;
        }
        for (int symbol = 0; symbol < size; symbol++) {
            offer(symbol);
        }
        while (!heap.isEmpty()) {
            long best = heap.removeSmallest();
            int left = (int) best;
            // Outdated: the pair at this place has changed since. An equal priority there is as good as its own.
            if (candidates[left] != NONE && candidates[left] >> 32 == best >> 32) {
                mergeWithNext(left);
            }
        }
    }

    private void mergeWithNext(int left) {
        int right = next[left];
        tokens[left] = (int) candidates[left];
        candidates[right] = NONE;
        next[left] = next[right];
        if (next[left] != NO_SYMBOL) {
            previous[next[left]] = left;
        }
        if (previous[left] != NO_SYMBOL) {
            offer(previous[left]);
        }
        offer(left);
    }

    private void offer(int left) {
        long candidate = next[left] == NO_SYMBOL ? NONE : pair(left, next[left]);
        candidates[left] = candidate;
        if (candidate != NONE) {
            heap.add(candidate >> 32 << 32 | left);
        }
    }

    private void grow() {
        int capacity = tokens.length * 2;
        tokens = Arrays.copyOf(tokens, capacity);
        next = new int[capacity];
        previous = new int[capacity];
        candidates = new long[capacity];
    }
}
