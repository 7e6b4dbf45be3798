package dev.lathe;

import java.util.concurrent.atomic.AtomicReference;

/** Admits one thread at a time; a second one, or the same again, fails at once instead of waiting. */
final class Usage {
    private final String what;
    private final AtomicReference<Thread> user = new AtomicReference<>();

    Usage(String what) {
        this.what = what;
    }

    /** Enters until the returned lease is closed. */
    Lease enter() {
        Thread holder = user.compareAndExchange(null, Thread.currentThread());
        if (holder != null) {
            throw new IllegalStateException("this " + what + " is in use by thread " + holder.getName()
                    + ": one call at a time; open another " + what + " for another thread");
        }
        return () -> user.set(null);
    }

    /** Ends the use. */
    @FunctionalInterface
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }
}
