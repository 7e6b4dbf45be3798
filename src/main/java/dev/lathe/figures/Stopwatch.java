package dev.lathe.figures;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clock of everything that measures, plans or waits until a deadline: the source of time is given, so that tests
 * and searches can run on one of their own. Immutable; as thread-safe as its source.
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

    /** The clock's time; only differences mean something. */
    public long nanos() {
        return nanoTime.getAsLong();
    }

    /** Begins to measure. */
    public Lap start() {
        return new Lap(nanoTime, nanos());
    }

    /** What has passed since a moment; may be read again and again, by any thread. */
    public record Lap(LongSupplier nanoTime, long start) {
        /** Nanoseconds since then. */
        public long nanos() {
            return nanoTime.getAsLong() - start;
        }

        /** Seconds since then. */
        public double seconds() {
            return nanos() * 1e-9;
        }

        /** The time since then. */
        public Duration time() {
            return Duration.ofNanos(nanos());
        }
    }

    /** Seconds of one run. */
    public double seconds(Runnable work) {
        Lap lap = start();
        work.run();
        return lap.seconds();
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
        Lap lap = start();
        int steady = 0;
        double last = Double.NaN;
        do {
            double now = seconds(work);
            steady = Math.abs(now - last) <= STEADY * Math.max(now, last) ? steady + 1 : 1;
            last = now;
            if (steady >= STEADY_RUNS) {
                return true;
            }
        } while (lap.nanos() < longest.toNanos());
        return false;
    }

    /**
     * Seconds of the fastest of many runs of short work, since others can only make it slower.
     *
     * @param time how long to run before it counts, and again so long while it counts
     * @param leastRuns the fewest runs of each
     */
    public double least(Runnable work, Duration time, int leastRuns) {
        fastest(work, time, leastRuns);
        return fastest(work, time, leastRuns);
    }

    private double fastest(Runnable work, Duration time, int leastRuns) {
        double least = Double.POSITIVE_INFINITY;
        Lap lap = start();
        for (int run = 0; run < leastRuns || lap.nanos() < time.toNanos(); run++) {
            least = Math.min(least, seconds(work));
        }
        return least;
    }
}
