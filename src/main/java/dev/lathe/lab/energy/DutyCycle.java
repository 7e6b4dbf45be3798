package dev.lathe.lab.energy;

import dev.lathe.figures.Stopwatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Lets work go on for a share of the time only, as a {@link PowerCap} chooses: called after each piece of work, such as a
 * token, it waits as long as the share demands. What a wait was too long or too short is made up by the next. Not
 * thread-safe.
 */
public final class DutyCycle {
    private final double share;
    private final Stopwatch clock;
    private final LongConsumer sleepNanos;
    private final long start;
    private long restedNanos;

    DutyCycle(double share, Stopwatch clock, LongConsumer sleepNanos) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a duty cycle of " + share + ": expected above 0 and at most 1");
        }
        this.share = share;
        this.clock = clock;
        this.sleepNanos = sleepNanos;
        this.start = clock.nanos();
    }

    /**
     * One that begins now, on this machine's clock.
     *
     * @param share of the time to work, above 0 and at most 1
     */
    public static DutyCycle of(double share) {
        return new DutyCycle(share, Stopwatch.system(), LockSupport::parkNanos);
    }

    /** Waits, if work has taken more than its share since the beginning; an interrupt ends the wait and is kept. */
    public void pause() {
        while (!Thread.currentThread().isInterrupted()) {
            long now = clock.nanos();
            double worked = now - start - restedNanos;
            long owed = (long) (worked / share - worked) - restedNanos;
            if (owed < TimeUnit.MICROSECONDS.toNanos(50)) { // shorter waits cost more than they rest
                return;
            }
            sleepNanos.accept(owed);
            restedNanos += clock.nanos() - now;
        }
    }

    /** Share of the time in which work went on until now. */
    public double achieved() {
        long all = clock.nanos() - start;
        return all == 0 ? 1 : 1 - (double) restedNanos / all;
    }
}
