package dev.lathe.sessions;

import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A few sessions of a model, taken by many callers in the order of their coming. A caller gets the session whose text
 * has the most in common with its prompt, so that a conversation that goes on evaluates its new part alone. Which
 * session it gets changes no bit of its answer.
 *
 * <p>Thread-safe. Owns the sessions, not the model.
 */
public final class SessionPool implements AutoCloseable {
    private final Model model;
    private final SessionOptions options;
    private final int size;
    private final int queueLength;
    private final Semaphore turns;
    private final AtomicInteger waiting = new AtomicInteger();
    private final List<Session> idle = new ArrayList<>();
    private int opened;
    private boolean closed;

    /**
     * A pool that opens its sessions as they are needed.
     *
     * @param options of each session
     * @param size the most sessions in use at a time, at least 1
     * @param queueLength the most callers that wait for one, at least 0
     */
    public SessionPool(Model model, SessionOptions options, int size, int queueLength) {
        this.model = Objects.requireNonNull(model, "model");
        this.options = Objects.requireNonNull(options, "options");
        if (size < 1 || queueLength < 0) {
            throw new IllegalArgumentException("size " + size + " and queueLength " + queueLength
                    + ": expected at least 1 session and a queue of at least 0");
        }
        this.size = size;
        this.queueLength = queueLength;
        this.turns = new Semaphore(size, true);
    }

    /**
     * Takes a session; the caller closes the lease, which gives it back.
     *
     * @param prompt the tokens that the caller will continue
     * @param patience how long to wait at most
     * @throws QueueFullException if too many wait already, or none became free in time
     * @throws IllegalStateException if the pool is closed
     */
    public Lease take(int[] prompt, Duration patience) throws InterruptedException {
        if (!turns.tryAcquire(0, TimeUnit.NANOSECONDS)) {
            await(patience);
        }
        try {
            return new Lease(choose(prompt));
        } catch (RuntimeException | Error failure) {
            turns.release();
            throw failure;
        }
    }

    private void await(Duration patience) throws InterruptedException {
        if (waiting.incrementAndGet() > queueLength) {
            waiting.decrementAndGet();
            throw new QueueFullException(
                    "all " + size + " sessions are in use and " + queueLength + " requests wait: try again later");
        }
        try {
            if (!turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new QueueFullException(
                        "no session became free within " + patience.toMillis() + " ms: try again later");
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    private synchronized Session choose(int[] prompt) {
        if (closed) {
            throw new IllegalStateException("this pool of sessions is closed");
        }
        int best = -1;
        int mostShared = -1;
        boolean continues = false;
        for (int i = 0; i < idle.size(); i++) {
            int[] held = idle.get(i).tokens();
            int mismatch = Arrays.mismatch(held, prompt);
            int shared = mismatch < 0 ? held.length : mismatch;
            if (shared > mostShared) {
                best = i;
                mostShared = shared;
                continues = 2 * shared > held.length;
            }
        }
        if (!continues && opened < size) {
            Session session = model.newSession(options);
            opened++;
            return session;
        }
        return idle.remove(best);
    }

    /** Callers that wait for a session. */
    public int waiting() {
        return waiting.get();
    }

    /** Sessions that are taken. */
    public int inUse() {
        return size - turns.availablePermits();
    }

    /** The most tokens that a prompt and its answer can have. */
    public int contextLength() {
        return options.contextLength() == 0 ? model.contextLength() : options.contextLength();
    }

    /** Waits until all sessions are given back and closes them; those who wait get an {@code IllegalStateException}. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        turns.acquireUninterruptibly(size);
        synchronized (this) {
            idle.forEach(Session::close);
            idle.clear();
        }
        turns.release(size);
    }

    private synchronized void giveBack(Session session) {
        idle.add(session);
        turns.release();
    }

    /** A session of one caller until closed. One thread at a time. */
    public final class Lease implements AutoCloseable {
        private final Session session;
        private boolean given;

        private Lease(Session session) {
            this.session = session;
        }

        /** The session; not to be closed. */
        public Session session() {
            return session;
        }

        @Override
        public void close() {
            if (!given) {
                given = true;
                giveBack(session);
            }
        }
    }
}
