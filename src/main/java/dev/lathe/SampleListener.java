package dev.lathe;

import dev.lathe.decode.Token;

/** Told about samples while they are drawn, on the drawing thread; both methods may end what is not wanted any more. */
public interface SampleListener {
    /** Is told nothing, and ends nothing. */
    SampleListener NONE = new SampleListener() {};

    /**
     * A token of a sample.
     *
     * @param sample its number, from 0
     * @return whether the sample goes on; else its finish reason is {@code CANCELLED}
     */
    default boolean token(int sample, Token token) {
        return true;
    }

    /**
     * A sample has ended.
     *
     * @param sample its number, from 0
     * @return whether the others go on; else those under way are {@code CANCELLED}, and no more are begun
     */
    default boolean ended(int sample, GenerationResult result) {
        return true;
    }
}
