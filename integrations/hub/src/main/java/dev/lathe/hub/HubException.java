package dev.lathe.hub;

import java.io.IOException;

/** A model that cannot be had by its name: what is wrong, and what helps. */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1L;

    HubException(String message) {
        super(message);
    }

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
