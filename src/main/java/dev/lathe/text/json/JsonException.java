package dev.lathe.text.json;

import java.io.Serial;

/** A text is no valid JSON, or a JSON value is not what was asked for. */
public final class JsonException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private static final int SHOWN = 40;

    /** An exception with its message: what, got, expected. */
    public JsonException(String message) {
        super(message);
    }

    /** An exception with its message and what is behind it. */
    public JsonException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same, told of a file or of a place in it. */
    public JsonException in(String place) {
        return new JsonException(place + ": " + getMessage(), this);
    }

    static String shorten(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "... (" + text.length() + " characters)";
    }
}
