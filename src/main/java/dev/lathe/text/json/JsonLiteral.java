package dev.lathe.text.json;

import java.util.Locale;

/** {@code true}, {@code false} or {@code null}. */
public enum JsonLiteral implements JsonValue {
    TRUE,
    FALSE,
    NULL;

    /** The literal of a boolean. */
    public static JsonLiteral of(boolean value) {
        return value ? TRUE : FALSE;
    }

    @Override
    public String kind() {
        return this == NULL ? "null" : "a boolean";
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
