package dev.lathe.tensor;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/**
 * A linear layer whose weights are packed into tiles of {@value Linear#TILE_ROWS} rows, so that the parts of a parallel
 * region can compute some tiles each.
 */
public abstract sealed class TiledLinear implements Linear
        permits DenseLinear, QuantizedLinear, BlockSparseLinear, GroupSparseLinear, TernaryLinear, LMulLinear {
    private final TensorType type;
    private final int outputSize;
    private final int inputSize;
    private final long byteCount;

    TiledLinear(TensorType type, int outputSize, int inputSize, long byteCount) {
        this.type = type;
        this.outputSize = outputSize;
        this.inputSize = inputSize;
        this.byteCount = byteCount;
    }

    @Override
    public final int inputSize() {
        return inputSize;
    }

    @Override
    public final int outputSize() {
        return outputSize;
    }

    @Override
    public final TensorType type() {
        return type;
    }

    @Override
    public final long byteCount() {
        return byteCount;
    }

    /** Number of tiles. */
    public final int tileCount() {
        return tileCount(outputSize);
    }

    static int tileCount(int outputSize) {
        return (outputSize + TILE_ROWS - 1) / TILE_ROWS;
    }

    @Override
    public TiledLinear moved(UnaryOperator<MemorySegment> where) {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " stays where it is");
    }

    /** Converts the input to what {@link #applyTiles} reads; called once before a parallel region. */
    abstract void prepare(Activations input, Workers workers);

    /**
     * Computes the outputs of the tiles {@code [fromTile, toTile)} for the rows {@code [fromRow, toRow)}.
     *
     * @param fromRow a multiple of {@value dev.lathe.tensor.kernel.ProductKernel#ROW_MULTIPLE}; 0 unless {@link #splitsRows}
     * @param toRow the end of all rows unless {@link #splitsRows}
     */
    abstract void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output);

    /** Whether a tile's rows may be computed in several calls, which pays for many rows. */
    boolean splitsRows() {
        return false;
    }
}
