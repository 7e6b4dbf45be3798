package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Computes products of matrices of plain numbers as a whole, in place of the steps of {@link MatrixKernels}, with the same bits.
 * Thread-safe.
 */
public interface FloatKernel {
    /**
     * Computes some tiles for some rows.
     *
     * @param plane of the numbers
     * @param weights all tiles, one after the other
     * @param outputs rows of the matrix; the last tile may be padded
     * @param columns of the matrix
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x activations, [rows x columns]
     * @param fromRow the first to compute
     * @param toRow the end of those to compute
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    void multiply(
            FloatPlane plane,
            MemorySegment weights,
            int outputs,
            int columns,
            int fromTile,
            int toTile,
            FloatRows x,
            int fromRow,
            int toRow,
            float[] out,
            int stride);
}
