package dev.lathe.sessions;

import java.io.Serial;

/** All sessions are taken, and as many callers wait as may, or this one waited as long as it would. */
public final class QueueFullException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Says what the limit was. */
    public QueueFullException(String message) {
        super(message);
    }
}
