package dev.lathe.tensor;

/**
 * A linear layer whose weights are packed into tiles of {@value Linear#TILE_ROWS} rows, so that the parts of a parallel
 * region can compute some tiles each.
 */
public sealed interface TiledLinear extends Linear
        permits DenseLinear, QuantizedLinear, BlockSparseLinear, GroupSparseLinear, TernaryLinear, LMulLinear {
    /** Converts the input to what {@link #applyTiles} reads; called once before a parallel region. */
    void prepare(Activations input, Workers workers);

    /**
     * Computes the outputs of the tiles {@code [fromTile, toTile)} for the rows {@code [fromRow, toRow)}.
     *
     * @param fromRow a multiple of {@value dev.lathe.tensor.kernel.ProductKernel#ROW_MULTIPLE}; 0 unless {@link #splitsRows}
     * @param toRow the end of all rows unless {@link #splitsRows}
     */
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output);

    /** Whether a tile's rows may be computed in several calls, which pays for many rows. */
    default boolean splitsRows() {
        return false;
    }

    /** Number of tiles. */
    default int tileCount() {
        return (outputSize() + TILE_ROWS - 1) / TILE_ROWS;
    }
}
