package dev.lathe.server;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts a thread that waits for a client for too long; the interrupt closes the connection. */
final class Watchdog implements AutoCloseable {
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("lathe-watchdog").factory());

    Watchdog() {
        clock.setRemoveOnCancelPolicy(true);
    }

    /** Watches the calling thread until closed. */
    Watch watch(Duration limit) {
        return new Watch(Thread.currentThread(), limit);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    /** One wait of one thread. */
    final class Watch implements AutoCloseable {
        private final Thread thread;
        private final Future<?> alarm;
        private boolean over;

        private Watch(Thread thread, Duration limit) {
            this.thread = thread;
            this.alarm = clock.schedule(this::interrupt, limit.toNanos(), TimeUnit.NANOSECONDS);
        }

        private synchronized void interrupt() {
            if (!over) {
                thread.interrupt();
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            alarm.cancel(false);
        }
    }
}
