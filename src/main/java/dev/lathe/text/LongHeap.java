package dev.lathe.text;

import java.util.Arrays;

/** A binary heap of longs whose smallest comes first. */
final class LongHeap {
    private long[] values = new long[16];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (values[parent] <= value) {
                break;
            }
            values[hole] = values[parent];
            hole = parent;
        }
        values[hole] = value;
    }

    long removeSmallest() {
        long smallest = values[0];
        long last = values[--size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= last) {
                break;
            }
            values[hole] = values[child];
            hole = child;
        }
        values[hole] = last;
        return smallest;
    }
}
