package dev.lathe.compress.search;

/** Times short work on this machine: the least of many runs, since others can only make it slower. */
final class Stopwatch {
    private static final long WARM_UP_NANOS = 15_000_000;
    private static final long MEASURED_NANOS = 15_000_000;
    private static final int LEAST_RUNS = 25;

    private Stopwatch() {}

    /** Seconds of one run. */
    static double seconds(Runnable work) {
        repeat(work, WARM_UP_NANOS);
        return repeat(work, MEASURED_NANOS) / 1e9;
    }

    private static long repeat(Runnable work, long nanos) {
        long start = System.nanoTime();
        long least = Long.MAX_VALUE;
        for (int run = 0; run < LEAST_RUNS || System.nanoTime() - start < nanos; run++) {
            long before = System.nanoTime();
            work.run();
            least = Math.min(least, System.nanoTime() - before);
        }
        return least;
    }
}
