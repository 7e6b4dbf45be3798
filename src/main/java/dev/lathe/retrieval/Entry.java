package dev.lathe.retrieval;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a datastore holds of one thing: a vector to find it by, and what is found.
 *
 * @param vector finite numbers; not copied
 * @param label any number, such as the token that follows; it is in memory and told with each {@link Neighbor}
 * @param payload any bytes, such as a passage's text, at most 16 MiB; they stay in the file; not copied
 */
public record Entry(float[] vector, int label, byte[] payload) {
    static final int MOST_PAYLOAD = 1 << 24;
    private static final byte[] NOTHING = {};

    /** Checks what is given. */
    public Entry {
        Objects.requireNonNull(vector, "vector");
        if (payload.length > MOST_PAYLOAD) {
            throw new IllegalArgumentException("a payload of " + payload.length + " bytes: expected at most "
                    + MOST_PAYLOAD + "; keep larger things elsewhere and their names here");
        }
    }

    /** An entry of vector and label alone. */
    public static Entry of(float[] vector, int label) {
        return new Entry(vector, label, NOTHING);
    }

    /** An entry whose payload is a text, labelled 0. */
    public static Entry of(float[] vector, String text) {
        return new Entry(vector, 0, text.getBytes(StandardCharsets.UTF_8));
    }
}
