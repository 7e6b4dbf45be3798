package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

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

    /**
     * Evaluates one batch in each of several states, which may cost little more than one of them: each as {@link
     * InferenceState#forward} does, to the same bits.
     *
     * @param states different states of this model
     * @param batches one for each
     * @return logits [rows wanted x vocabulary] of the first state's rows, then of the next one's; valid until the next
     *     call on any of these states
     * @throws IllegalArgumentException if there are none, or not as many batches; and as {@link InferenceState#forward}
     */
    default FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
        List<FloatMatrix> parts = new ArrayList<>();
        for (int i = 0; i < states.size(); i++) {
            parts.add(states.get(i).forward(batches.get(i)));
        }
        int rows = parts.stream().mapToInt(FloatMatrix::rows).sum();
        FloatMatrix all = FloatMatrix.zeros(rows, vocabularySize());
        int next = 0;
        for (FloatMatrix part : parts) {
            System.arraycopy(part.data(), 0, all.data(), all.offset(next), part.rows() * part.columns());
            next += part.rows();
        }
        return all;
    }
}
