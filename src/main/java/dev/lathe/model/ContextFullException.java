package dev.lathe.model;

import java.io.Serial;

/** Thrown when tokens do not fit into the context of a state; the state is unchanged. */
public final class ContextFullException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Says how many positions are held, asked for and possible. */
    public ContextFullException(int length, int added, int capacity) {
        super("context is full: " + length + " positions held, " + added + " more asked for, " + capacity
                + " possible; rewind, shorten the prompt or open the session with a longer context");
    }
}
