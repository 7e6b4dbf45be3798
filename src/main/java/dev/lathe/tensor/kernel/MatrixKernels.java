package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * The steps of which matrix products are made. Tiles, layouts and the order of every sum are described at
 * {@link IntegerPlane}, {@link ScalePlane} and {@link FloatPlane}; offsets into tiles are bytes, others indices into arrays.
 */
public interface MatrixKernels {
    /**
     * Quantizes blocks of 32 activations, as {@link QuantizedActivations} says.
     *
     * @param source the activations, from {@code offset} on
     * @param blocks how many
     * @param target where they go
     * @param block the first block of the target
     */
    void quantize(float[] source, int offset, int blocks, QuantizedActivations target, int block);

    /**
     * What products with weights of a plane read beside the bytes.
     *
     * @param packed whether rows are multiplied with packed weights, one after the other
     */
    Set<LaneForm> forms(IntegerPlane plane, boolean packed);

    /** Derives a form of the values {@code [from, to)}, whole blocks, after {@link QuantizedActivations#claim}. */
    void derive(LaneForm form, QuantizedActivations x, int from, int to);

    /**
     * Adds a tile times one row of activations: for every block of 32 columns the exact sum of the integer products, then
     * {@code out += sum * (scale * activationScale)}, then {@code out += minimum * (activationSum * activationScale)} where
     * the layout has minima; for every 16 columns where scales are of 16.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param tile where the tile begins
     * @param blocks of a row
     * @param x activations
     * @param xBlock the row's first block of 32 columns in {@code x}
     * @param out 64 results
     */
    void multiplyRow(
            TileLayout layout,
            MemorySegment weights,
            long tile,
            int blocks,
            QuantizedActivations x,
            int xBlock,
            float[] out);

    /**
     * Expands the scales of a tile to floats, [blocks][64 rows], or twice as many where scales are of 16 columns.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param tile where the tile begins
     * @param block first block
     * @param blocks how many, all of one super-block where there are some
     * @param scales results
     * @param minima results where the layout has minima
     */
    void scales(
            TileLayout layout, MemorySegment weights, long tile, int block, int blocks, float[] scales, float[] minima);

    /**
     * Unpacks blocks of a tile, from their first integers on, to 16-bit lanes: a word a column, each integer minus
     * {@link IntegerPlane#laneCenter}.
     */
    void unpackLanes(TileLayout layout, MemorySegment weights, long offset, int blocks, int[] tile);

    /**
     * Adds unpacked columns times four or six rows of activations: for every group of columns with one scale what
     * {@link #multiplyRow} adds.
     *
     * @param layout of the tile
     * @param tile the columns, as {@link #unpackLanes} makes them
     * @param groups how many
     * @param scales of the groups, as {@link #scales} makes them
     * @param minima of the groups, where the layout has minima
     * @param x activations
     * @param xOffset first column of the first row
     * @param rows 4 or 6
     * @param sums working memory, {@value IntegerPlane#LANE_SUMS} for each lane's columns
     * @param out results, [rows][64]
     * @param outOffset where they begin
     */
    void addLanes(
            TileLayout layout,
            int[] tile,
            int groups,
            float[] scales,
            float[] minima,
            QuantizedActivations x,
            int xOffset,
            int rows,
            int[] sums,
            float[] out,
            int outOffset);

    /** Unpacks blocks of half a tile of signed 8-bit integers to floats [32 * blocks][32 rows]. */
    void unpackBytes(TileLayout layout, MemorySegment weights, long offset, int blocks, float[] tile);

    /**
     * For each block: the exact sum of its integer products, then {@code out += sum * (scale * activationScale)}.
     *
     * @param tile integers as floats, [blocks * 32][32]
     * @param blocks how many
     * @param scales of the weights, [blocks][64]
     * @param scalesOffset the first one
     * @param x the activations; rows are whole blocks
     * @param xOffset first column of the first row
     * @param rows 4 or 6
     * @param out results, [rows][64]
     * @param outOffset the first one
     */
    void addBlocks(
            float[] tile,
            int blocks,
            float[] scales,
            int scalesOffset,
            QuantizedActivations x,
            int xOffset,
            int rows,
            float[] out,
            int outOffset);

    /** Up to so many rows {@link #floatRows} is faster than unpacking plain numbers once for all rows. */
    default int mostPackedRows(FloatPlane plane) {
        return 16;
    }

    /** A tile of plain numbers times one row of activations, which are multiplied by {@link FloatPlane#scale} already; 64 results. */
    void floatRow(FloatPlane plane, MemorySegment weights, long tile, int columns, float[] x, int xOffset, float[] out);

    /**
     * As {@link #floatRow} for two to four rows of activations, {@code xStride} apart: results [4][64], of any value for rows
     * that are not asked for, whose memory is read in any case.
     */
    void floatRows(
            FloatPlane plane,
            MemorySegment weights,
            long tile,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out);

    /** Unpacks half a tile's columns of plain numbers to floats [columns][32 rows]. */
    void unpackFloats(FloatPlane plane, MemorySegment weights, long offset, int columns, float[] tile);

    /**
     * {@code out += tile * x} for four or six rows.
     *
     * @param tile weights, [columns][32]
     * @param columns how many
     * @param x activations
     * @param xOffset first column of the first row
     * @param xStride floats from row to row
     * @param rows 4 or 6
     * @param out results, 32 of each row
     * @param outOffset the first row's
     * @param outStride floats from row to row
     */
    void add(
            float[] tile,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out,
            int outOffset,
            int outStride);
}
