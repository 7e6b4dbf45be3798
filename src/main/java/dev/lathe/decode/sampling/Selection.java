package dev.lathe.decode.sampling;

import java.util.Arrays;

/** The largest of many keys without sorting them all. */
public final class Selection {
    private Selection() {}

    /**
     * A key that sorts by value, then by lower index: of two candidates, the better has the larger key. No two are
     * equal.
     *
     * @param value any number but NaN; both zeros are the same
     */
    public static long key(float value, int index) {
        int bits = Float.floatToRawIntBits(value + 0.0f);
        int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) ordered << 32 | (Integer.MAX_VALUE - index);
    }

    /** The index within a key. */
    public static int index(long key) {
        return Integer.MAX_VALUE - (int) key;
    }

    /**
     * The {@code wanted} largest of the first {@code count} keys, largest first.
     *
     * <p>Keys above the smallest kept so far gather in a buffer of twice the size, which is sorted and halved when
     * full: on keys in random order few ever enter.
     */
    public static long[] largest(long[] keys, int count, int wanted) {
        if (wanted == 0) {
            return new long[0];
        }
        if (wanted > count / 4) {
            return descending(Arrays.copyOf(keys, count), count, wanted);
        }
        long[] buffer = new long[2 * wanted];
        int filled = 0;
        long threshold = Long.MIN_VALUE;
        for (int i = 0; i < count; i++) {
            if (keys[i] > threshold) {
                buffer[filled++] = keys[i];
                if (filled == buffer.length) {
                    Arrays.sort(buffer);
                    System.arraycopy(buffer, wanted, buffer, 0, wanted);
                    threshold = buffer[0];
                    filled = wanted;
                }
            }
        }
        return descending(buffer, filled, wanted);
    }

    private static long[] descending(long[] keys, int count, int wanted) {
        Arrays.sort(keys, 0, count);
        long[] best = new long[wanted];
        for (int i = 0; i < wanted; i++) {
            best[i] = keys[count - 1 - i];
        }
        return best;
    }
}
