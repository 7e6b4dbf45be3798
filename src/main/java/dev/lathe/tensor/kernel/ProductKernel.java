package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * Computes products of quantized matrices of one layout as a whole, in place of the steps of {@link MatrixKernels}, with the same
 * bits. Thread-safe.
 */
public interface ProductKernel {
    /** What the first of some rows has to be a multiple of: all kernels take so many rows by whole groups. */
    int ROW_MULTIPLE = 24;

    /** Quantizes neighbouring rows of activations, from one on, as {@link QuantizedActivations} says. */
    void quantize(float[] source, int offset, QuantizedActivations target, int row, int rows);

    /** What {@link #multiply} reads of so many rows beside their bytes. */
    Set<ActivationForm> forms(int rows);

    /** Derives a form of the rows from one to another of so many, after {@link QuantizedActivations#claim}. */
    void derive(ActivationForm form, QuantizedActivations x, int fromRow, int toRow, int rows);

    /**
     * Computes some tiles for some rows.
     *
     * @param weights all tiles, one after the other
     * @param blocks of a row
     * @param outputs rows of the matrix; the last tile may be padded
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x activations
     * @param rows how many there are
     * @param fromRow the first to compute, a multiple of {@value #ROW_MULTIPLE}
     * @param toRow the end of those to compute: all rows, or a multiple of {@value #ROW_MULTIPLE}
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    void multiply(
            MemorySegment weights,
            int blocks,
            int outputs,
            int fromTile,
            int toTile,
            QuantizedActivations x,
            int rows,
            int fromRow,
            int toRow,
            float[] out,
            int stride);
}
