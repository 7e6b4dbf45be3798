package dev.lathe.tensor.store;

/** The machine, or the container, has not enough memory for a model's weights; the message says how much they need. */
public final class InsufficientMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InsufficientMemoryException(String message) {
        super(message);
    }
}
