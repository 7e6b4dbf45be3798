package dev.lathe.compress.prune;

import dev.lathe.tensor.FloatMatrix;

/** How many numbers have which magnitude, to eight bits of precision. Not thread-safe. */
final class Magnitudes {
    private static final int DROPPED_BITS = 16;

    private final long[] counts = new long[1 << Float.SIZE - 1 - DROPPED_BITS]; // by the upper bits of a magnitude
    private long count;

    /** Adds all numbers of some rows. */
    void add(FloatMatrix rows) {
        for (int row = 0; row < rows.rows(); row++) {
            for (int i = rows.offset(row); i < rows.offset(row) + rows.columns(); i++) {
                counts[Float.floatToRawIntBits(Math.abs(rows.data()[i])) >>> DROPPED_BITS]++;
            }
        }
        count += (long) rows.rows() * rows.columns();
    }

    /** The magnitude that this share of the numbers stays below, or nearly so many. */
    float quantile(double share) {
        double wanted = share * count;
        long below = 0;
        int bits = 0;
        while (bits < counts.length - 1 && below + counts[bits] / 2.0 < wanted) {
            below += counts[bits++];
        }
        return Float.intBitsToFloat(bits << DROPPED_BITS);
    }
}
