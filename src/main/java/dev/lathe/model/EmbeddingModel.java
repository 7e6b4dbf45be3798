package dev.lathe.model;

import dev.lathe.model.config.Pooling;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A model that makes vectors of texts, or scores pairs of them. Thread-safe. */
public interface EmbeddingModel {
    /** How the model was trained to make vectors. */
    Pooling pooling();

    /** Whether tokens see those after them, so that the model makes vectors only. */
    boolean isEncoder();

    /** The most tokens of a text. */
    int contextLength();

    /**
     * Vectors of texts, not normalized. A text's vector has the same bits whatever texts stand beside it.
     *
     * @param texts the tokens of each, at least one and at most {@link #contextLength}
     * @param pooling mean, first or last
     * @param stop asked before each pass
     * @return [texts x vector]
     * @throws IllegalArgumentException if a text is empty or too long, or for another pooling
     * @throws java.util.concurrent.CancellationException if {@code stop} says so
     */
    FloatMatrix embed(List<int[]> texts, Pooling pooling, BooleanSupplier stop);

    /**
     * How well the two texts of each pair fit each other: what the classification head says, higher is better.
     *
     * @param stop asked before each pass
     * @throws IllegalArgumentException if a pair is empty or too long
     * @throws UnsupportedOperationException if the model has no classification head
     * @throws java.util.concurrent.CancellationException if {@code stop} says so
     */
    float[] score(List<TokenPair> pairs, BooleanSupplier stop);

    /**
     * The tokens of two texts, one after the other, with what stands around them.
     *
     * @param tokens of both; not copied
     * @param second where those of the second text begin
     */
    record TokenPair(int[] tokens, int second) {}
}
