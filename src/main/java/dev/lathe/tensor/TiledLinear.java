package dev.lathe.tensor;

/**
 * A linear layer whose weights are packed into tiles of {@value Linear#TILE_ROWS} rows, so that the parts of a parallel
 * region can compute some tiles each.
 */
public sealed interface TiledLinear extends Linear
        permits DenseLinear, QuantizedLinear, BlockSparseLinear, GroupSparseLinear, TernaryLinear, LMulLinear {
    /** Converts the input to what {@link #applyTiles} reads; called once before a parallel region. */
    void prepare(Activations input, Workers workers);

    /** Computes the outputs of the tiles {@code [fromTile, toTile)}. */
    void applyTiles(Activations input, int fromTile, int toTile, FloatMatrix output);

    /** Number of tiles. */
    default int tileCount() {
        return (outputSize() + TILE_ROWS - 1) / TILE_ROWS;
    }
}
