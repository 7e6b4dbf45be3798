package dev.lathe.packed;

import dev.lathe.figures.Stopwatch;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many passes went through all layers, and how long they took. Thread-safe; of passes at once, times are about
 * right.
 */
final class PassTimes {
    private final int lastLayer;
    private final AtomicLong passes = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private volatile Stopwatch.Lap pass = Stopwatch.system().start();

    PassTimes(int lastLayer) {
        this.lastLayer = lastLayer;
    }

    void begin(int layer) {
        if (layer == 0) {
            pass = Stopwatch.system().start();
        }
    }

    void end(int layer) {
        if (layer == lastLayer) {
            passes.incrementAndGet();
            nanos.addAndGet(pass.nanos());
        }
    }

    long passes() {
        return passes.get();
    }

    Duration mean() {
        return Duration.ofNanos(nanos.get() / Math.max(1, passes.get()));
    }
}
