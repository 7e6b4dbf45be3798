package dev.lathe.tensor.kernel;

/**
 * The steps of which matrix products are made. Tiles, layouts and the order of every sum are described at
 * {@link IntegerPlane}, {@link ScalePlane} and {@link FloatPlane}; offsets are indices into the arrays.
 */
public interface MatrixKernels {
    /**
     * Exact sums of integer products of a tile with one row of activations, block after block of 32 columns.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param offset integers of the first block
     * @param blocks how many blocks
     * @param x activations
     * @param xBlock the row's first block of 32 columns in {@code x}
     * @param sums results: [blocks][sums of a block][32 rows] of the first half of the tile, then of the second
     * @param secondSums where the second half's results begin
     */
    void blockSums(
            TileLayout layout,
            int[] weights,
            int offset,
            int blocks,
            QuantizedRows x,
            int xBlock,
            float[] sums,
            int secondSums);

    /**
     * Adds a tile times one row of activations, from the integers to the outputs in one go, where this set has such a kernel.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param tile where the tile begins
     * @param blocks of a row
     * @param x activations
     * @param xBlock the row's first block of 32 columns in {@code x}
     * @param out 64 results
     * @return whether there is one; if not, nothing was done
     */
    default boolean multiplyRow(
            TileLayout layout, int[] weights, int tile, int blocks, QuantizedRows x, int xBlock, float[] out) {
        return false;
    }

    /** Expands F16 lanes of {@code words} half words, {@code stride} ints apart, to 32 floats each. */
    void halves(int[] tile, int offset, int stride, int words, float[] target, int at);

    /** Expands the low or high byte of each lane of half words {@code stride} ints apart, times the row's factor of its 8 words, {@code spacing} floats apart. */
    void bytes(
            int[] tile,
            int offset,
            int stride,
            int words,
            boolean high,
            boolean signed,
            float[] factors,
            float[] target,
            int at,
            int spacing);

    /** Adds scaled block sums to 32 outputs; minima where the layout has them. */
    void addSums(
            TileLayout layout,
            float[] sums,
            int sumOffset,
            int blocks,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int xBlock,
            float[] out,
            int offset);

    /** Unpacks half a tile's blocks to floats [32 * blocks][32 rows], signed as the layout says. */
    void unpack(TileLayout layout, int[] weights, int offset, int blocks, float[] tile);

    /** As {@link VectorProducts#addBlocks}: four rows of activations at once. */
    void addBlocks(
            float[] tile,
            int blocks,
            int width,
            float[] scales,
            float[] x,
            int xOffset,
            int xStride,
            float[] xScales,
            float[] out,
            int outOffset,
            int outStride);

    /** As {@link VectorProducts#addBlocks} with minima: adds {@code sum of activations * (minimum * scale)} after each. */
    void addBlocksWithMinima(
            float[] tile,
            int blocks,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int xOffset,
            float[] out,
            int outOffset,
            int outStride);

    /** A tile of plain numbers times one row of activations, 64 results. */
    void floatRow(FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, float[] out);

    /** As {@link #floatRow} for four rows of activations, {@code xStride} apart: results [4][64]. */
    void floatRows(
            FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, int xStride, float[] out);

    /** Unpacks half a tile's columns of plain numbers to floats [columns][32 rows]. */
    void unpackFloats(FloatPlane plane, int[] weights, int offset, int columns, float[] tile);

    /** As {@link VectorProducts#add}: four rows of activations at once. */
    void add(float[] tile, int columns, float[] x, int xOffset, int xStride, float[] out, int outOffset, int outStride);
}
