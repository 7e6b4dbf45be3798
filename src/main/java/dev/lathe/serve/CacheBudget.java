package dev.lathe.serve;

import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * How many bytes of keys and values texts may hold in memory. Each text looks before its passes, on its own thread:
 * where all together hold too much, idle texts are closed first, then the youngest one in use goes to sleep, its keys
 * and values in a file, until there is room for it again. The oldest always goes on, so every text comes to its end.
 *
 * <p>Memory may exceed the limit by what one pass adds. Sessions of the engine are counted, but never sleep.
 * Thread-safe; never calls the pool or the loop with its lock.
 */
final class CacheBudget {
    private static final long LOOK_MILLIS = 10; // how often one that sleeps looks whether it is to stop

    private final long mostBytes;
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<SharedState, HeldPages> awake = new IdentityHashMap<>();
    private final Map<SharedState, Long> asleep = new IdentityHashMap<>(); // bytes that they will hold
    private BooleanSupplier closesIdleText = () -> false;
    private long upperBound; // of the bytes held: shared pages counted for each text
    private long bytes; // exactly, unless dirty
    private boolean isDirty;
    private long slept;
    private long writtenBytes;

    CacheBudget(EngineOptions options) {
        mostBytes = options.cacheBytes() == 0 ? Long.MAX_VALUE : options.cacheBytes();
        folder = options.sleepFolder().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
    }

    boolean isLimited() {
        return mostBytes < Long.MAX_VALUE;
    }

    /** How to free an idle text: false if there is none. */
    void onPressure(BooleanSupplier closesIdle) {
        closesIdleText = closesIdle;
    }

    /** Before a pass of this text: sees to it that there is room, and perhaps sleeps meanwhile. */
    void beforePass(SharedState state) {
        if (!isLimited()) {
            return;
        }
        look(state);
        while (isExceeded()) {
            if (!closesIdleText.getAsBoolean()) {
                if (state.canSleep() && isYoungest(state)) {
                    sleep(state);
                }
                return;
            }
        }
    }

    /** Notes what a state holds, on the thread that uses it. */
    void look(SharedState state) {
        if (isLimited()) {
            note(state, HeldPages.of(state.inner()));
        }
    }

    private void note(SharedState state, HeldPages held) {
        lock.lock();
        try {
            HeldPages before = awake.put(state, held);
            before = before == null ? HeldPages.NONE : before;
            upperBound += held.byteCount() - before.byteCount();
            isDirty |= !held.isSame(before);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** This state is closed. */
    void forget(SharedState state) {
        lock.lock();
        try {
            HeldPages before = awake.remove(state);
            if (before != null) {
                upperBound -= before.byteCount();
                isDirty = true;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A text began, ended, went away or came back. */
    void hasChanged() {
        if (isLimited()) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    CacheStatistics statistics() {
        lock.lock();
        try {
            return new CacheStatistics(bytes(), asleep.size(), slept, writtenBytes);
        } finally {
            lock.unlock();
        }
    }

    private long bytes() {
        if (isDirty) {
            bytes = HeldPages.byteCount(awake.values());
            isDirty = false;
        }
        return bytes;
    }

    private boolean isExceeded() {
        lock.lock();
        try {
            return upperBound > mostBytes && bytes() > mostBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether an older text goes on, and no younger one that could sleep in its place. */
    private boolean isYoungest(SharedState state) {
        lock.lock();
        try {
            boolean isOldest = true;
            for (SharedState other : awake.keySet()) {
                if (other != state && other.isAtWork()) {
                    isOldest &= other.rank() > state.rank();
                    if (other.rank() > state.rank()) {
                        return false;
                    }
                }
            }
            return !isOldest;
        } finally {
            lock.unlock();
        }
    }

    private void sleep(SharedState state) {
        state.rest();
        HeldPages held = HeldPages.of(state.inner());
        try (SleepingText text = SleepingText.of(state.inner(), folder)) {
            state.replaceByEmpty();
            fallAsleep(state, held.byteCount(), text.byteCount());
            try {
                awaitRoom(state, held.byteCount());
                text.read(state.inner());
            } finally {
                wakeUp(state);
            }
        }
        look(state);
    }

    private void fallAsleep(SharedState state, long needed, long written) {
        forget(state);
        lock.lock();
        try {
            asleep.put(state, needed);
            slept++;
            writtenBytes += written;
        } finally {
            lock.unlock();
        }
    }

    private void wakeUp(SharedState state) {
        lock.lock();
        try {
            asleep.remove(state);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is the next to wake and there is room; who wakes counts from then on. */
    private void awaitRoom(SharedState state, long needed) {
        lock.lock();
        try {
            while (!mayWake(state, needed)) {
                if (state.isStopped()) {
                    throw new CancellationException("the text was stopped while it slept");
                }
                changed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            note(state, HeldPages.reserved(needed));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the text's thread was interrupted while it slept");
        } finally {
            lock.unlock();
        }
    }

    private boolean mayWake(SharedState state, long needed) {
        Optional<SharedState> first =
                asleep.keySet().stream().min((one, other) -> Long.compare(one.rank(), other.rank()));
        if (first.filter(next -> next.rank() < state.rank()).isPresent()) {
            return false;
        }
        boolean nobodyIsAtWork = awake.keySet().stream().noneMatch(SharedState::isAtWork);
        return nobodyIsAtWork || bytes() + needed <= mostBytes;
    }
}
