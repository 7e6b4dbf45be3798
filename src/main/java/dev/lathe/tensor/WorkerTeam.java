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
    private long taskNumber; // of the last one, by whoever holds the lock
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
            Task task = new Task(++taskNumber, parts, work);
            current = task;
            if (sleepers.get() > 0) {
                wakeAll();
            }
            task.takeParts();
            await(task);
            task.rethrow();
        } finally {
            current = null;
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
        long done = 0; // a task's number: the task itself would keep all that it computed with in memory
        int spins = 0;
        while (!closed) {
            long number = takePartsOfTaskAfter(done);
            if (number != done) {
                done = number;
                spins = 0;
            } else if (++spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else if (spins < SPINS) {
                Thread.yield(); // to Java's compilers, in a young program
            } else {
                sleepers.incrementAndGet();
                if (!closed && !isTaskAfter(done)) {
                    LockSupport.park(this);
                }
                sleepers.decrementAndGet();
            }
        }
    }

    /** Helps with the current task, unless it is the one with this number; returns the number of the last one helped. */
    private long takePartsOfTaskAfter(long done) {
        Task task = current;
        if (task == null || task.number == done) {
            return done;
        }
        task.takeParts();
        return task.number;
    }

    private boolean isTaskAfter(long done) {
        Task task = current;
        return task != null && task.number != done;
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
        private final long number;
        private final int parts;
        private final PartTask work;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger unfinished;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Task(long number, int parts, PartTask work) {
            this.number = number;
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
