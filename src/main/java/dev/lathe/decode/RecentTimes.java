package dev.lathe.decode;

import java.util.Arrays;

/**
 * What something takes: the least of its last eight measurements, since other load on the machine and code that is not compiled
 * yet only ever add time.
 */
final class RecentTimes {
    private static final int MOST = 8;

    private final long[] nanos = new long[MOST];
    private int measured;
    private long least;

    void add(long measurement) {
        nanos[measured++ % MOST] = measurement;
        least = Arrays.stream(nanos, 0, Math.min(measured, MOST)).min().orElseThrow();
    }

    boolean isKnown() {
        return measured > 0;
    }

    /** Nanoseconds; 0 as long as nothing was measured. */
    double least() {
        return least;
    }
}
