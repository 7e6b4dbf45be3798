package dev.lathe.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A caller and its helpers. A task is one object with a counter of parts: whoever is free takes the next one. Helpers spin
 * for a moment between tasks, since a decoder's steps follow each other within microseconds, then park.
 */
final class WorkerTeam implements Workers {
    private static final int SPINS = 20_000;
    private static final int SPINS_BEFORE_YIELD = 2_000;

    private final ReentrantLock oneCaller = new ReentrantLock();
    private final Thread[] helpers;
    private final AtomicInteger sleepers = new AtomicInteger();
    private volatile Task current;
    private volatile boolean closed;

    WorkerTeam(int threads) {
        helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] =
                    Thread.ofPlatform().daemon().name("lathe-worker-" + (i + 1)).start(this::help);
        }
    }

    @Override
    public int count() {
        return helpers.length + 1;
    }

    @Override
    public void run(int parts, PartTask work) {
        if (closed) {
            throw new IllegalStateException("the workers are closed: their model was closed");
        }
        if (parts <= 1) {
            if (parts == 1) {
                work.run(0);
            }
            return;
        }
        oneCaller.lock();
        try {
            Task task = new Task(parts, work);
            current = task;
            if (sleepers.get() > 0) {
                wakeAll();
            }
            task.takeParts();
            await(task);
            current = null;
            task.rethrow();
        } finally {
            oneCaller.unlock();
        }
    }

    /**
     * The last part takes microseconds, unless the thread at it waits for a core: it may be this one that is spun on.
     */
    private static void await(Task task) {
        for (int spins = 0; task.unfinished.get() > 0; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void help() {
        Task done = null;
        int spins = 0;
        while (!closed) {
            Task task = current;
            if (task != null && task != done) {
                task.takeParts();
                done = task;
                spins = 0;
            } else if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                sleepers.incrementAndGet();
                if (!closed && (current == done || current == null)) {
                    LockSupport.park(this);
                }
                sleepers.decrementAndGet();
            }
        }
    }

    private void wakeAll() {
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
    }

    @Override
    public void close() {
        closed = true;
        wakeAll();
    }

    private static final class Task {
        private final int parts;
        private final PartTask work;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger unfinished;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Task(int parts, PartTask work) {
            this.parts = parts;
            this.work = work;
            this.unfinished = new AtomicInteger(parts);
        }

        void takeParts() {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                try {
                    work.run(part);
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    unfinished.decrementAndGet();
                }
            }
        }

        void rethrow() {
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
