package dev.lathe.decode;

/** Why a generation ended. */
public enum FinishReason {
    /** The model chose an end-of-generation token, which is the last token. */
    END_OF_TEXT,
    /** A stop string was complete; the text ends before it. */
    STOP_STRING,
    /** As many tokens as allowed were generated. */
    MAX_TOKENS,
    /** The length budget of its guard was used up: the text found no end of its own on the ramp before it. */
    LENGTH_BUDGET,
    /** Its guard found that the text repeats itself. */
    LOOP,
    /** The state has no room to go on. */
    CONTEXT_FULL,
    /** The time was over, while the prompt was evaluated or after a token. */
    TIME_LIMIT,
    /** The energy was used up, while the prompt was evaluated or after a token. */
    ENERGY_LIMIT,
    /**
     * The strategy found the continuation not worth showing. The last token is the one it would not show: it has no
     * text of its own.
     */
    GIVEN_UP,
    /** It was cancelled or closed early, or its thread was interrupted. */
    CANCELLED
}
