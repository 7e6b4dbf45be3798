package dev.lathe.tensor.store;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory for the weights of a layer's active neurons side by side. There is one, so that it counts once under a limit:
 * passes take turns.
 *
 * @param memory outside the Java heap
 * @param turn held by the pass whose neurons are there
 */
public record NeuronScratch(MemorySegment memory, ReentrantLock turn) {
    /** Memory that nobody uses yet. */
    public NeuronScratch(MemorySegment memory) {
        this(memory, new ReentrantLock());
    }
}
