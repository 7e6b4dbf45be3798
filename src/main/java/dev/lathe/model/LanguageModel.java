package dev.lathe.model;

/**
 * A decoder-only language model as decoding strategies, transforms and measures see it. Immutable and thread-safe; each
 * text in progress has an {@link InferenceState} of its own.
 */
public interface LanguageModel {
    /** Number of tokens, the length of a row of logits. */
    int vocabularySize();

    /**
     * Tells vocabularies apart: of two models that know their tokens, the numbers are equal if the pieces of all tokens
     * and the ids of the special ones are. 0 if the model does not know what its tokens stand for.
     */
    default long vocabularyFingerprint() {
        return 0;
    }

    /** The longest text the model was made for, in tokens. */
    int contextLength();

    /**
     * A new, empty state.
     *
     * @param capacity the most positions it can hold
     * @param cacheType how it stores keys and values
     * @throws IllegalArgumentException if the capacity is not positive
     */
    InferenceState newState(int capacity, CacheType cacheType);
}
