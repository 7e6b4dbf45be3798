package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;

/** Sums of ternary weights and integers: additions only. Arguments are checked by the caller. Thread-safe. */
public interface TernaryKernels {
    /**
     * For a tile of rows of weights: the sum of the activations whose weight is 1, less those whose weight is -1.
     *
     * @param weights a block as {@link TernaryProduct} packs it, from {@code at} on
     * @param words words of the block, at most 32
     * @param x activations of -127..127 from {@code xAt} on
     * @param sums result, an exact sum for each row
     */
    void sums(MemorySegment weights, long at, int words, short[] x, int xAt, int[] sums);
}
