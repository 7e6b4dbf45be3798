package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;

/**
 * How activations lie for products: panels of a few rows, one after the other. A panel has for each block of 32 columns, row after
 * row, the 32 bytes in the order of the weights' quads; then each row's scale; then for each group of columns each row's number, an
 * int: the sum of its activations, times minus the center where weights have a sign.
 */
final class Panels {
    private Panels() {}

    /** Bytes of a block of a panel. */
    static int blockBytes(int rows, int groups) {
        return rows * (IntegerPlane.BLOCK + 4 + 4 * groups);
    }
}
