package dev.lathe.retrieval;

import dev.lathe.tensor.TensorType;
import java.util.Objects;

/**
 * How a {@link NextTokenStore} keeps positions of texts. Immutable.
 *
 * @param type of the vectors: F16 takes half the memory of F32
 * @param deduplicates whether a position equal to another one, to the bit and with the same next token, is not added
 *     again
 */
public record NextTokenOptions(TensorType type, boolean deduplicates) {
    /** F16, everything kept. */
    public static final NextTokenOptions DEFAULT = new NextTokenOptions(TensorType.F16, false);

    /** Checks that nothing is null. */
    public NextTokenOptions {
        Objects.requireNonNull(type, "type");
    }

    /** With vectors of this type. */
    public NextTokenOptions type(TensorType value) {
        return new NextTokenOptions(value, deduplicates);
    }

    /** With equal positions kept once, or all. */
    public NextTokenOptions deduplicates(boolean value) {
        return new NextTokenOptions(type, value);
    }
}
