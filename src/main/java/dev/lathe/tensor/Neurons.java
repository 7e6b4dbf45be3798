package dev.lathe.tensor;

import dev.lathe.tensor.store.NeuronScratch;
import java.util.Optional;

/**
 * The neurons of a feed-forward part in bundles of a few: their rows of up and their columns of down, which are put side by side
 * where they are needed. Immutable and thread-safe; passes take turns.
 */
public interface Neurons {
    /** How many bundles there are. */
    int count();

    /** Neurons of a bundle. */
    int width();

    /** Outputs of down. */
    int outputSize();

    /**
     * Waits for bundles and puts them side by side.
     *
     * @param bundles different ones in their order; at least one
     * @throws java.io.UncheckedIOException if they cannot be read
     */
    Gathered gather(int[] bundles, Workers workers);

    /**
     * The matrices of some bundles, until they are closed.
     *
     * @param up their rows; empty if up is no part of bundles
     * @param down their columns
     * @param scratch where they are
     */
    record Gathered(Optional<Linear> up, Linear down, NeuronScratch scratch) implements AutoCloseable {
        @Override
        public void close() {
            scratch.turn().unlock();
        }
    }
}
