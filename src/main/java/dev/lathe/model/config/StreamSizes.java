package dev.lathe.model.config;

import java.util.Collections;
import java.util.List;

/**
 * How long a token's row of the residual stream is, from the embedding to the last layer: all the same, but in sliced models.
 * Immutable.
 *
 * @param sizes the length after the embedding, then for each layer after its attention and after its feed-forward part
 */
public record StreamSizes(List<Integer> sizes) {
    /** Copies the list. */
    public StreamSizes {
        sizes = List.copyOf(sizes);
        if (sizes.size() < 3 || sizes.size() % 2 == 0) {
            throw new IllegalArgumentException(sizes.size()
                    + " sizes of the residual stream: expected one after the embedding and two for each layer");
        }
        for (int size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException("a size of the residual stream must be positive, got " + size);
            }
        }
    }

    /** The same length everywhere. */
    public static StreamSizes uniform(int size, int layers) {
        return new StreamSizes(Collections.nCopies(2 * layers + 1, size));
    }

    /** Number of layers. */
    public int layers() {
        return sizes.size() / 2;
    }

    /** What a layer's attention reads. */
    public int beforeAttention(int layer) {
        return sizes.get(2 * layer);
    }

    /** What a layer's attention writes and its feed-forward part reads. */
    public int afterAttention(int layer) {
        return sizes.get(2 * layer + 1);
    }

    /** What a layer's feed-forward part writes. */
    public int afterFeedForward(int layer) {
        return sizes.get(2 * layer + 2);
    }

    /** What the rows after so many layers are long. */
    public int atDepth(int layers) {
        return sizes.get(2 * layers);
    }

    /** What the final norm reads. */
    public int last() {
        return sizes.getLast();
    }

    /** The longest. */
    public int largest() {
        return Collections.max(sizes);
    }
}
