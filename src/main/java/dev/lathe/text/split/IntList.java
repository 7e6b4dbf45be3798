package dev.lathe.text.split;

import java.util.Arrays;

/** A growable array of ints. */
public final class IntList {
    private int[] values = new int[16];
    private int size;

    /** Appends a value. */
    public void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    /** The value at an index. */
    public int get(int index) {
        return values[index];
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** Appends values. */
    public void addAll(int... values) {
        for (int value : values) {
            add(value);
        }
    }

    /** Forgets all but the first values. */
    public void truncate(int newSize) {
        size = newSize;
    }

    /** A copy. */
    public int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
