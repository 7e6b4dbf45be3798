package dev.lathe.packed;

/**
 * Finds out for each layer which of two ways to read it is the faster one: through the system's page cache, which is
 * best where the file fits in there, or around it, which is best where it does not. The first reads take turns, later
 * ones take the way that was faster when it was last taken; the other is tried again after ever more reads. One thread
 * notes what ended; others may ask while a layer is read.
 */
final class ReadingWays {
    private static final int TURNS = 3; // through the cache, around it, and through it with what the first left there
    private static final int MOST_BETWEEN = 128;

    private final long[][] nanos; // [layer][0: through the cache, 1: around it], of the last read that way
    private final int[] reads;

    ReadingWays(int layers) {
        nanos = new long[layers][2];
        reads = new int[layers];
    }

    /** Whether the next read of a layer goes around the cache. */
    boolean isAround(int layer) {
        int read = reads[layer];
        if (read < TURNS) {
            return read == 1;
        }
        boolean faster = nanos[layer][1] < nanos[layer][0];
        boolean isTrial = read % MOST_BETWEEN == 0 || read < MOST_BETWEEN && read >= 8 && Integer.bitCount(read) == 1;
        return isTrial != faster;
    }

    /** Notes how long the read took that {@link #isAround} told the way of. */
    void ended(int layer, long readNanos) {
        nanos[layer][isAround(layer) ? 1 : 0] = readNanos;
        reads[layer]++;
    }
}
