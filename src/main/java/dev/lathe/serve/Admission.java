package dev.lathe.serve;

import dev.lathe.figures.Stopwatch;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may run and who waits: so many run at once, so many wait, the others are refused. The one with the smallest rank
 * is next, of equal ones the one that came first. Thread-safe.
 */
public final class Admission {
    private static final Comparator<Place> FIRST_COMES =
            Comparator.<Place>comparingLong(place -> place.rank).thenComparingLong(place -> place.number);

    private final int slots;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeSet<Place> queue = new TreeSet<>(FIRST_COMES);
    private int running;
    private long number;

    /**
     * Nobody runs and nobody waits.
     *
     * @param slots how many run at once
     * @param capacity how many wait
     */
    public Admission(int slots, int capacity) {
        this.slots = slots;
        this.capacity = capacity;
    }

    /** What became of a place. */
    public enum Entry {
        /** In the queue. */
        WAITING,
        /** Admitted: runs until it leaves. */
        ADMITTED,
        /** Left the queue, because it was withdrawn. */
        WITHDRAWN,
        /** Left the queue, because the time was over. */
        EXPIRED
    }

    /** A place in the queue, or among those that run. */
    public final class Place {
        private final long rank;
        private final long number;
        private final Condition changed = lock.newCondition();
        private Entry entry = Entry.WAITING;

        private Place(long rank, long number) {
            this.rank = rank;
            this.number = number;
        }

        /**
         * Waits until it is admitted or gone; one that is admitted must {@link #leave}.
         *
         * @param deadlineNanos by {@link Stopwatch#system}; {@link Long#MAX_VALUE} for none
         */
        public Entry await(long deadlineNanos) {
            lock.lock();
            try {
                while (entry == Entry.WAITING) {
                    if (deadlineNanos == Long.MAX_VALUE) {
                        changed.awaitUninterruptibly();
                    } else if (awaitUntil(deadlineNanos)) {
                        gone(Entry.EXPIRED);
                    }
                }
                return entry;
            } finally {
                lock.unlock();
            }
        }

        private boolean awaitUntil(long deadlineNanos) {
            long left = deadlineNanos - Stopwatch.system().nanos();
            if (left <= 0) {
                return true;
            }
            try {
                changed.await(left, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                if (entry == Entry.WAITING) { // else it was admitted meanwhile, and counts as running
                    gone(Entry.WITHDRAWN);
                }
                Thread.currentThread().interrupt();
            }
            return false;
        }

        /** Leaves the queue; one that was admitted already stays so. */
        public void withdraw() {
            lock.lock();
            try {
                if (entry == Entry.WAITING) {
                    gone(Entry.WITHDRAWN);
                }
            } finally {
                lock.unlock();
            }
        }

        /** Ends the run of one that was admitted, and admits the next. */
        public void leave() {
            lock.lock();
            try {
                running--;
                if (!queue.isEmpty()) {
                    queue.first().admit();
                }
            } finally {
                lock.unlock();
            }
        }

        private void admit() {
            queue.remove(this);
            running++;
            entry = Entry.ADMITTED;
            changed.signal();
        }

        private void gone(Entry reason) {
            queue.remove(this);
            entry = reason;
            changed.signal();
        }
    }

    /**
     * A place in the queue, or among those that run if there is one free.
     *
     * @throws QueueFullException if too many wait
     */
    public Place enter(long rank) {
        lock.lock();
        try {
            if (running == slots && queue.size() >= capacity) {
                throw new QueueFullException(running, queue.size());
            }
            Place place = new Place(rank, number++);
            queue.add(place);
            if (running < slots) {
                queue.first().admit();
            }
            return place;
        } finally {
            lock.unlock();
        }
    }

    /** How many wait. */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many run. */
    public int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }
}
