package dev.lathe.retrieval;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * What is known of each entry beside its vector: label, where its record is, whether it was removed; and, where equal
 * entries are looked for, a hash of the record. One thread changes it at a time.
 */
final class EntryTable {
    private static final int FIRST_ROOM = 1024;

    private final BitSet removed = new BitSet();
    private int[] labels = new int[FIRST_ROOM];
    private long[] positions = new long[FIRST_ROOM];
    private int[] lengths = new int[FIRST_ROOM];
    private long[] hashes = {}; // of the entries in the slots; only where they are looked for
    private int[] slots = {}; // ids + 1 by hash, with linear probing
    private int size;
    private final boolean hashed;

    EntryTable(boolean hashed) {
        this.hashed = hashed;
    }

    int size() {
        return size;
    }

    int live() {
        return size - removed.cardinality();
    }

    void add(int label, long position, int length, long hash) {
        if (size == labels.length) {
            int room = size + (size >> 1);
            labels = Arrays.copyOf(labels, room);
            positions = Arrays.copyOf(positions, room);
            lengths = Arrays.copyOf(lengths, room);
        }
        labels[size] = label;
        positions[size] = position;
        lengths[size] = length;
        size++;
        if (hashed) {
            if (hashes.length < size) {
                hashes = Arrays.copyOf(hashes, labels.length);
            }
            hashes[size - 1] = hash;
            if (slots.length < 2 * size) {
                slots = new int[Integer.highestOneBit(size) * 4];
                for (int id = 0; id < size; id++) {
                    link(id);
                }
            } else {
                link(size - 1);
            }
        }
    }

    private void link(int id) {
        int slot = slot(hashes[id]);
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = id + 1;
    }

    private int slot(long hash) {
        return (int) (hash ^ hash >>> 32) & slots.length - 1;
    }

    /** The first live entry of this hash that the test accepts; -1 if there is none. */
    int find(long hash, IntPredicate isEqual) {
        if (slots.length > 0) {
            for (int slot = slot(hash); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
                int id = slots[slot] - 1;
                if (hashes[id] == hash && !removed.get(id) && isEqual.test(id)) {
                    return id;
                }
            }
        }
        return -1;
    }

    int label(int id) {
        return labels[id];
    }

    long position(int id) {
        return positions[id];
    }

    int length(int id) {
        return lengths[id];
    }

    boolean isRemoved(int id) {
        return removed.get(id);
    }

    void remove(int id) {
        removed.set(id);
    }
}
