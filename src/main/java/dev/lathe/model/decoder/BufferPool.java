package dev.lathe.model.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The memory that passes of one model work in, lent to one pass at a time: as many as run at once exist, however many
 * states there are. Thread-safe.
 */
final class BufferPool {
    private final IntFunction<DecoderBuffers> newBuffers; // by rows
    private final List<DecoderBuffers> free = new ArrayList<>();

    BufferPool(IntFunction<DecoderBuffers> newBuffers) {
        this.newBuffers = newBuffers;
    }

    /** Buffers of at least so many rows, the caller's until given back. */
    DecoderBuffers borrow(int rows) {
        synchronized (free) {
            for (int i = 0; i < free.size(); i++) {
                if (free.get(i).capacityRows() >= rows) {
                    return free.remove(i);
                }
            }
            if (!free.isEmpty()) {
                free.removeLast(); // what is too small is replaced
            }
        }
        return newBuffers.apply(rows);
    }

    void giveBack(DecoderBuffers buffers) {
        synchronized (free) {
            free.add(buffers);
        }
    }

    int size() {
        synchronized (free) {
            return free.size();
        }
    }

    void clear() {
        synchronized (free) {
            free.clear();
        }
    }
}
