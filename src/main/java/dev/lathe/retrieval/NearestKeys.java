package dev.lathe.retrieval;

import java.util.Arrays;

/**
 * The best of many scored entries: by score, of equal ones the lower id first. A heap of keys, its worst on top; one
 * thread at a time.
 */
final class NearestKeys {
    private final long[] heap;
    private int size;

    NearestKeys(int most) {
        heap = new long[most];
    }

    /** Whether a key of this score and id would enter. */
    boolean wants(float score, int id) {
        return size < heap.length || key(score, id) > heap[0];
    }

    /** A key that sorts by score, then by lower id; both zeros are the same. */
    static long key(float score, int id) {
        int bits = Float.floatToRawIntBits(score + 0.0f);
        int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) ordered << 32 | (Integer.MAX_VALUE - id);
    }

    static int id(long key) {
        return Integer.MAX_VALUE - (int) key;
    }

    static float score(long key) {
        int ordered = (int) (key >> 32);
        return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
    }

    /** No score below this one enters. */
    float threshold() {
        return size < heap.length ? Float.NEGATIVE_INFINITY : score(heap[0]);
    }

    void offer(long key) {
        if (size < heap.length) {
            int at = size++;
            for (int parent; at > 0 && heap[parent = (at - 1) / 2] > key; at = parent) {
                heap[at] = heap[parent];
            }
            heap[at] = key;
        } else if (key > heap[0]) {
            sink(key);
        }
    }

    /** Puts a key in the place of the worst. */
    private void sink(long key) {
        int at = 0;
        for (int child; (child = 2 * at + 1) < size; at = child) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= key) {
                break;
            }
            heap[at] = heap[child];
        }
        heap[at] = key;
    }

    void offerAll(NearestKeys other) {
        for (int i = 0; i < other.size; i++) {
            offer(other.heap[i]);
        }
    }

    /** All keys, the best first. */
    long[] descending() {
        long[] sorted = Arrays.copyOf(heap, size);
        Arrays.sort(sorted);
        for (int i = 0; i < size / 2; i++) {
            long swapped = sorted[i];
            sorted[i] = sorted[size - 1 - i];
            sorted[size - 1 - i] = swapped;
        }
        return sorted;
    }
}
