package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;

/**
 * A state that can stop between layers: its last positions may be <em>open</em>, their tokens evaluated up to some depth
 * only. One thread at a time.
 *
 * <p>A layer's attention reads keys and values of all earlier positions in the same layer. So depths never increase from
 * one position to the next, and a row that goes deeper takes along, in the same pass, all rows before it that miss these
 * layers. Nothing is evaluated twice and nothing is lost: {@link #forward}, {@link #snapshot} and {@link #deepen} complete
 * what is open with the same bits as plain evaluation, as {@link InferenceState} promises. The one exception is {@link
 * #propagate}.
 */
public interface LayeredState extends InferenceState {
    /** Number of layers, the depth of a complete row. */
    int layerCount();

    /**
     * Holds more tokens, of which no layer is evaluated yet.
     *
     * @throws ContextFullException if they do not fit; the state is unchanged
     * @throws IllegalArgumentException if a token is outside of the vocabulary; the state is unchanged
     * @throws IllegalStateException after a tree of which no path was kept
     */
    void append(int... tokens);

    /**
     * Evaluates layers until every position held has at least so many.
     *
     * @param depth from 0 to {@link #layerCount()}
     */
    void deepen(int depth);

    /**
     * How many of the last positions were appended since the last {@link #forward}, {@link #restore} or {@link
     * #propagate}, less those that were complete when more were appended: the rows that {@link #hidden} and {@link #logits}
     * can read.
     */
    int openRows();

    /** Layers evaluated so far of an open row, counted from the first of them. */
    int depth(int openRow);

    /**
     * The residual stream of the last open rows, each at its own depth: what its next layer reads.
     *
     * @return [rows x hidden], the caller's own
     */
    FloatMatrix hidden(int rows);

    /**
     * Final norm and head of the last open rows, each at its own depth. Of complete rows these are the model's logits;
     * before that, the guess of its first layers.
     *
     * @return logits [rows x vocabulary]; valid until the next call on this state
     */
    FloatMatrix logits(int rows);

    /**
     * The guess of the model without some parts for the last position, the parts being left out in all open rows and in no
     * complete one. Layers before the first part left out are evaluated for good; keys and values of later ones are written
     * where the complete rows' will be, and count for further previews only.
     *
     * @param skipped the parts left out
     * @return logits [1 x vocabulary]; valid until the next call on this state
     * @throws IllegalStateException if no row is open, or one is deeper than the first part left out
     */
    FloatMatrix preview(SkippedParts skipped);

    /**
     * Completes all open rows without evaluating them: every missing layer's keys and values come from the residual stream
     * as it is, through that layer's own norm and projections.
     *
     * <p>This breaks the promise of {@link InferenceState}: later logits differ from plain evaluation until the state is
     * rewound to before these rows. Elbayad et al., "Depth-Adaptive Transformer", 2020; Schuster et al., "Confident Adaptive
     * Language Modeling", arXiv 2207.07061, section 3.2.
     */
    void propagate();
}
