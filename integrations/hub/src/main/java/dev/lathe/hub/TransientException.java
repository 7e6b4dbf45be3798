package dev.lathe.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure that may pass: a connection that was cut, a server that is busy. */
final class TransientException extends IOException {
    private static final long serialVersionUID = 1L;

    /** How long the server asks to wait; null if it does not say. */
    private final Duration retryAfter;

    TransientException(String message, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
