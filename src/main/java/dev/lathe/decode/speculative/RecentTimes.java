package dev.lathe.decode.speculative;

/**
 * What something takes: the least time measured, since other load on the machine and code that is not compiled yet only
 * ever add time. With each measurement the least one counts for a little more, so that it is forgotten some day.
 */
final class RecentTimes {
    private static final double FORGETTING = 1.003;

    private double least = Double.POSITIVE_INFINITY;

    void add(long nanos) {
        least = Math.min(nanos, FORGETTING * least);
    }

    boolean isKnown() {
        return least < Double.POSITIVE_INFINITY;
    }

    /** Nanoseconds; 0 as long as nothing was measured. */
    double least() {
        return isKnown() ? least : 0;
    }
}
