package dev.lathe.decode.constraint;

import java.util.Optional;
import java.util.OptionalInt;

/** What constraints need to know of a tokenizer. Immutable and thread-safe. */
public interface TokenTexts {
    /** Number of tokens. */
    int size();

    /** The bytes of UTF-8 that a token stands for; none for control tokens. */
    byte[] bytes(int token);

    /** Whether a generation ends at this token. */
    boolean isEndOfGeneration(int token);

    /** The control token of a piece, if there is one. */
    OptionalInt control(String piece);

    /** The piece of a control token; empty for all others. */
    default Optional<String> controlPiece(int token) {
        return Optional.empty();
    }

    /** The tokens that a model would write a text with, in the middle of another. */
    int[] encode(String text);
}
