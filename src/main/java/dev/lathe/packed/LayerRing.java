package dev.lathe.packed;

import dev.lathe.figures.Stopwatch;
import dev.lathe.tensor.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places that layers are read into, by one thread, ahead of the passes that compute with them; where a pass waits
 * for a layer, a second thread reads along. A layer always has the same place, so whoever computes knows where its
 * weights are; layers take turns in it.
 *
 * <p>A pass holds one layer at a time and waits for the next with none held, so passes that run at once cannot block
 * each other, even with one place. What a pass waits for is read first and stays until that pass has held it; else the
 * next layers in the order of a pass are.
 */
final class LayerRing implements AutoCloseable {
    private static final int NOTHING = -1;

    /** Reads layers into their places, piece by piece, several pieces at the same time. */
    interface Reader {
        int pieces(int layer);

        void read(int layer, int place, int piece) throws IOException;

        /** Told when all pieces of a layer were read, and how long that took. */
        void ended(int layer, long nanos);
    }

    /** A layer on its way: the ring's thread reads it, and the second one while a pass waits for it. */
    private final class Reading {
        private final int layer;
        private final int pieces;
        private final AtomicInteger next = new AtomicInteger();
        private int helpers; // beside the ring's thread; guarded by lock
        private volatile IOException failure;

        Reading(int layer) {
            this.layer = layer;
            pieces = reader.pieces(layer);
        }

        boolean hasMore() {
            return next.get() < pieces && failure == null;
        }

        void run() {
            for (int piece = next.getAndIncrement();
                    piece < pieces && failure == null;
                    piece = next.getAndIncrement()) {
                try {
                    reader.read(layer, place(layer), piece);
                } catch (IOException e) {
                    failure = e;
                } catch (RuntimeException | Error e) { // told to whoever waits
                    failure = new IOException(e);
                }
            }
        }
    }

    private final int layers;
    private final Reader reader;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("lathe-weights").unstarted(this::readAhead);
    private final Thread helper =
            Thread.ofPlatform().daemon().name("lathe-weights-2").unstarted(this::readAlong);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int[] inPlace; // the layer that is there, or nothing
    private final int[] holders; // of each place
    private final int[] waiting; // for each layer
    private final IOException[] failures; // of each layer's last read
    private final List<Integer> demanded = new ArrayList<>(); // layers that somebody waits for, in the order of asking
    private int next; // the layer that a pass will need
    private Reading current; // or null
    private long stalledNanos;
    private boolean closed;

    /** A ring of places for layers that are numbered in the order of a pass. */
    LayerRing(int layers, int places, Reader reader) {
        this.layers = layers;
        this.reader = reader;
        inPlace = new int[places];
        Arrays.fill(inPlace, NOTHING);
        holders = new int[places];
        waiting = new int[layers];
        failures = new IOException[layers];
        thread.start();
        helper.start();
    }

    /** Where a layer is while it is held. */
    int place(int layer) {
        return layer % inPlace.length;
    }

    /**
     * Waits until a layer is in its place, and keeps it there.
     *
     * @throws UncheckedIOException if it cannot be read; the next try reads again
     * @throws IllegalStateException if the ring is closed
     */
    void acquire(int layer) {
        int place = place(layer);
        lock.lock();
        try {
            Stopwatch.Lap lap = Stopwatch.system().start();
            waiting[layer]++;
            try {
                while (inPlace[place] != layer) {
                    throwFailure(layer);
                    if (!isBeingRead(layer) && !demanded.contains(layer)) {
                        demanded.add(layer);
                    }
                    changed.signalAll();
                    changed.awaitUninterruptibly();
                }
            } finally {
                waiting[layer]--;
            }
            if (closed) {
                throw new IllegalStateException("the model is closed");
            }
            holders[place]++;
            next = layer;
            stalledNanos += lap.nanos();
        } finally {
            lock.unlock();
        }
    }

    private boolean isBeingRead(int layer) {
        return current != null && current.layer == layer;
    }

    private void throwFailure(int layer) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        IOException failure = failures[layer];
        if (failure != null) {
            failures[layer] = null;
            throw new UncheckedIOException("layer weights cannot be read: " + failure.getMessage(), failure);
        }
    }

    /** Lets another layer take the place. */
    void release(int layer) {
        lock.lock();
        try {
            holders[place(layer)]--;
            next = (layer + 1) % layers;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How long passes waited. */
    long stalledNanos() {
        lock.lock();
        try {
            return stalledNanos;
        } finally {
            lock.unlock();
        }
    }

    private void readAhead() {
        lock.lock();
        try {
            while (!closed) {
                int layer = choose();
                if (layer == NOTHING) {
                    changed.awaitUninterruptibly();
                } else {
                    read(layer);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reads along where a pass waits: what would compute has nothing to do. */
    private void readAlong() {
        lock.lock();
        try {
            while (!closed) {
                Reading reading = current;
                if (reading == null || waiting[reading.layer] == 0 || !reading.hasMore()) {
                    changed.awaitUninterruptibly();
                } else {
                    reading.helpers++;
                    lock.unlock();
                    try {
                        reading.run();
                    } finally {
                        lock.lock();
                        reading.helpers--;
                        changed.signalAll();
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void read(int layer) {
        int place = place(layer);
        demanded.remove((Integer) layer);
        inPlace[place] = NOTHING;
        Reading reading = new Reading(layer);
        current = reading;
        Stopwatch.Lap lap = Stopwatch.system().start();
        changed.signalAll();
        lock.unlock();
        try {
            reading.run();
        } finally {
            lock.lock();
        }
        while (reading.helpers > 0) {
            changed.awaitUninterruptibly();
        }
        current = null;
        IOException failure = reading.failure;
        if (failure == null) {
            reader.ended(layer, lap.nanos());
        }
        failures[layer] = failure;
        inPlace[place] = failure == null ? layer : NOTHING;
        changed.signalAll();
    }

    /** What to read next, or nothing. */
    private int choose() {
        for (int layer : demanded) {
            if (isFree(place(layer))) {
                return layer;
            }
        }
        boolean[] taken = new boolean[inPlace.length];
        for (int ahead = 0; ahead < Math.min(layers, inPlace.length + 1); ahead++) {
            int layer = (next + ahead) % layers;
            int place = place(layer);
            if (!taken[place] && inPlace[place] != layer && isFree(place) && failures[layer] == null) {
                return layer;
            }
            taken[place] = true;
        }
        return NOTHING;
    }

    private boolean isFree(int place) {
        return holders[place] == 0 && (inPlace[place] == NOTHING || waiting[inPlace[place]] == 0);
    }

    /** Ends the reading; who waits gets an {@link IllegalStateException}. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Threads.join(thread, helper);
    }
}
