package dev.lathe.model;

import java.io.IOException;

/**
 * Keys and values of a state on their way to a channel while passes evaluate more of them. Its thread reads what passes
 * wrote; until it is finished or closed, the state must not be rewound, restored or pruned.
 */
public interface StateTransfer extends AutoCloseable {
    /** Whether the channel failed, so that evaluating more is in vain. */
    boolean hasFailed();

    /**
     * Sends what is left of so many positions, and waits until the channel has taken all of it.
     *
     * @throws IOException if the channel fails
     */
    void finish(int length) throws IOException;

    /** Ends it, finished or not; the channel stays open. */
    @Override
    void close();
}
