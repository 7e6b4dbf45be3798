package dev.lathe.lab;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clock of everything that measures: the source of time is given, so that tests and searches can run on one of
 * their own. Immutable; as thread-safe as its source.
 *
 * @param nanoTime counts nanoseconds, as {@link System#nanoTime} does
 */
public record Stopwatch(LongSupplier nanoTime) {
    private static final int STEADY_RUNS = 3;
    private static final double STEADY = 0.03;

    /** A stopwatch on this machine's clock. */
    public static Stopwatch system() {
        return new Stopwatch(System::nanoTime);
    }

    /** Seconds of one run. */
    public double seconds(Runnable work) {
        long start = nanoTime.getAsLong();
        work.run();
        return (nanoTime.getAsLong() - start) * 1e-9;
    }

    /** Seconds of each of several runs. */
    public double[] seconds(Runnable work, int runs) {
        double[] seconds = new double[runs];
        for (int run = 0; run < runs; run++) {
            seconds[run] = seconds(work);
        }
        return seconds;
    }

    /** Warms up, see {@link #warmUp}, then measures several runs. */
    public Summary measure(Runnable work, int runs, Duration longestWarmUp) {
        warmUp(work, longestWarmUp);
        return Summary.of(seconds(work, runs));
    }

    /**
     * Runs work until the compiler has done its part: until three runs in a row took the same time within 3%, or for
     * the longest time allowed. The first run is always one of them.
     *
     * @return whether the time became steady
     */
    public boolean warmUp(Runnable work, Duration longest) {
        long start = nanoTime.getAsLong();
        int steady = 0;
        double last = Double.NaN;
        do {
            double now = seconds(work);
            steady = Math.abs(now - last) <= STEADY * Math.max(now, last) ? steady + 1 : 1;
            last = now;
            if (steady >= STEADY_RUNS) {
                return true;
            }
        } while (nanoTime.getAsLong() - start < longest.toNanos());
        return false;
    }
}
