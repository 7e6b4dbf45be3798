package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;

/**
 * A state that can stop between layers: its last positions may be <em>open</em>, their tokens evaluated up to some
 * depth only. One thread at a time.
 *
 * <p>A layer's attention reads keys and values of all earlier positions in the same layer. So depths never increase
 * from one position to the next, and a row that goes deeper takes along, in the same pass, all rows before it that miss
 * these layers. Nothing is evaluated twice and nothing is lost: {@link #forward}, {@link #snapshot} and {@link #deepen}
 * complete what is open with the same bits as plain evaluation, as {@link InferenceState} promises. The one exception
 * is {@link #propagate}.
 */
public interface LayeredState extends InferenceState {
    /** Number of layers, the depth of a complete row. */
    int layerCount();

    /**
     * Holds the rows of a batch, or the new rows of a grown one, of which no layer is evaluated yet. What holds of
     * {@link #forward} and of the rows of a tree holds here; which rows' logits the batch wants does not matter.
     *
     * @throws ContextFullException if they do not fit; the state is unchanged
     * @throws IllegalArgumentException if a token is outside of the vocabulary, or the batch was grown from another
     *     than the last one appended; the state is unchanged
     */
    void append(TokenBatch batch);

    /**
     * Evaluates layers until every position held has at least so many.
     *
     * @param depth from 0 to {@link #layerCount()}
     */
    void deepen(int depth);

    /**
     * How many of the last positions can be read by {@link #hidden} and {@link #logits}: the open ones, and the ones
     * completed since the last {@link #append}. Rows are counted from the first of them.
     */
    int openRows();

    /** Layers evaluated so far of a row. */
    int depth(int openRow);

    /**
     * The residual stream of a row at its depth: what its next layer reads.
     *
     * @return [hidden], the caller's own
     */
    float[] hidden(int openRow);

    /**
     * Final norm and head of some rows, each at its own depth. Of complete rows these are the model's logits; before
     * that, the guess of its first layers.
     *
     * @return logits [rows asked for x vocabulary]; valid until the next call on this state
     */
    FloatMatrix logits(int... openRows);

    /**
     * The guess of the model without some parts, the parts being left out in all open rows and in no complete one.
     * Layers before the first part left out are evaluated for good; keys and values of later ones are written where the
     * complete rows' will be, and count for further previews only.
     *
     * @param skipped the parts left out
     * @param openRows the rows whose guesses are wanted
     * @return logits [rows asked for x vocabulary]; valid until the next call on this state
     * @throws IllegalStateException if a row is complete, or an open one is deeper than the first part left out
     */
    FloatMatrix preview(SkippedParts skipped, int... openRows);

    /**
     * Completes all open rows without evaluating them: every missing layer's keys and values come from the residual
     * stream as it is, through that layer's own norm and projections.
     *
     * <p>This breaks the promise of {@link InferenceState}: later logits differ from plain evaluation until the state
     * is rewound to before these rows. Elbayad et al., "Depth-Adaptive Transformer", 2020; Schuster et al., "Confident
     * Adaptive Language Modeling", arXiv 2207.07061, section 3.2.
     */
    void propagate();
}
