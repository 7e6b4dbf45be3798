package dev.lathe.tensor.kernel;

import java.util.Arrays;

/**
 * Quantized matrix times rows of activations: {@code out[row] = sum over blocks of (scale * activationScale) * (exact
 * integer sum)}, with one fused addition a block in the order of the columns. So the result does not depend on how many
 * rows come at once.
 */
public final class QuantizedProduct {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int HALF_ROWS = IntegerPlane.HALF_ROWS;
    /** Blocks whose sums are kept before they are scaled: a super-block. */
    private static final int SUM_BLOCKS = ScalePlane.SUPER_BLOCKS;
    /** Blocks unpacked at once for many rows. */
    private static final int UNPACKED_BLOCKS = 8;

    private final TileLayout layout;
    private final int[] weights;
    private final int blocks;
    private final int tileInts;
    private final int outputs;
    private final MatrixKernels kernels;

    /**
     * A matrix of packed tiles.
     *
     * @param layout of the tiles
     * @param weights all tiles, one after the other
     * @param outputs rows of the matrix; the last tile may be padded
     * @param columns of the matrix, a multiple of 32
     * @param kernels what computes
     */
    public QuantizedProduct(TileLayout layout, int[] weights, int outputs, int columns, Kernels kernels) {
        this.layout = layout;
        this.weights = weights;
        this.blocks = columns / IntegerPlane.BLOCK;
        this.tileInts = layout.tileInts(blocks);
        this.outputs = outputs;
        this.kernels = kernels.matrices();
    }

    /**
     * Computes some tiles for all rows.
     *
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x the quantized rows, with room for the next multiple of four
     * @param rows how many
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    public void multiply(int fromTile, int toTile, QuantizedRows x, int rows, float[] out, int stride) {
        if (rows <= 2) {
            Scratch scratch = new Scratch(layout, SUM_BLOCKS, 0, ROWS);
            for (int tile = fromTile; tile < toTile; tile++) {
                for (int row = 0; row < rows; row++) {
                    multiplyRow(tile * tileInts, x, row, scratch);
                    int count = Math.min(ROWS, outputs - tile * ROWS);
                    System.arraycopy(scratch.totals, 0, out, row * stride + tile * ROWS, count);
                }
            }
        } else {
            int padded = rows + 3 & ~3;
            Scratch scratch = new Scratch(layout, 0, UNPACKED_BLOCKS, padded * HALF_ROWS);
            for (int first = fromTile * ROWS; first < Math.min(toTile * ROWS, outputs); first += HALF_ROWS) {
                multiplyRows(first, x, padded, scratch);
                int count = Math.min(HALF_ROWS, outputs - first);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(scratch.totals, row * HALF_ROWS, out, row * stride + first, count);
                }
            }
        }
    }

    private void multiplyRow(int tile, QuantizedRows x, int row, Scratch scratch) {
        Arrays.fill(scratch.totals, 0f);
        if (kernels.multiplyRow(layout, weights, tile, blocks, x, row * blocks, scratch.totals)) {
            return;
        }
        for (int block = 0; block < blocks; block += SUM_BLOCKS) {
            int count = Math.min(SUM_BLOCKS, blocks - block);
            int xBlock = row * blocks + block;
            int secondSums = scratch.sums.length / 2;
            kernels.blockSums(
                    layout, weights, tile + layout.integersOffset(block), count, x, xBlock, scratch.sums, secondSums);
            for (int half = 0; half < 2; half++) {
                expandScales(tile + half * IntegerPlane.HALF_WORD, block, count, scratch);
                kernels.addSums(
                        layout,
                        scratch.sums,
                        half * secondSums,
                        count,
                        scratch.scales,
                        scratch.minima,
                        x,
                        xBlock,
                        scratch.totals,
                        half * HALF_ROWS);
            }
        }
    }

    /** The 32 outputs from {@code first} on: half a tile. */
    private void multiplyRows(int first, QuantizedRows x, int rows, Scratch scratch) {
        int width = layout.scales().columns();
        int half = first / ROWS * tileInts + first % ROWS / HALF_ROWS * IntegerPlane.HALF_WORD;
        Arrays.fill(scratch.totals, 0f);
        for (int block = 0; block < blocks; block += UNPACKED_BLOCKS) {
            int count = Math.min(UNPACKED_BLOCKS, blocks - block);
            kernels.unpack(layout, weights, half + layout.integersOffset(block), count, scratch.tile);
            expandScales(half, block, count, scratch);
            for (int row = 0; row < rows; row += 4) {
                int from = row * x.columns + block * IntegerPlane.BLOCK;
                if (layout.scales().hasMinimum()) {
                    kernels.addBlocksWithMinima(
                            scratch.tile,
                            count,
                            scratch.scales,
                            scratch.minima,
                            x,
                            from,
                            scratch.totals,
                            row * HALF_ROWS,
                            HALF_ROWS);
                } else {
                    kernels.addBlocks(
                            scratch.tile,
                            count * IntegerPlane.BLOCK / width,
                            width,
                            scratch.scales,
                            x.floats,
                            from,
                            x.columns,
                            x.scales,
                            scratch.totals,
                            row * HALF_ROWS,
                            HALF_ROWS);
                }
            }
        }
    }

    /** Scales (and minima) of some blocks of half a tile, [blocks][32 rows] or twice as many. */
    private void expandScales(int half, int block, int count, Scratch scratch) {
        int at = half + layout.scalesOffset(block);
        int superScales = half + layout.superScalesOffset(block);
        int word = IntegerPlane.WORD;
        int stride = layout.blockInts();
        switch (layout.scales()) {
            case SCALE -> kernels.halves(weights, at, stride, count, scratch.scales, 0);
            case SCALE_AND_MINIMUM -> {
                kernels.halves(weights, at, stride, count, scratch.scales, 0);
                kernels.halves(weights, at + word, stride, count, scratch.minima, 0);
            }
            case SUPER_SCALE_AND_MINIMUM -> {
                kernels.halves(weights, superScales, word, 1, scratch.factors, 0);
                kernels.bytes(weights, at, stride, count, false, false, scratch.factors, scratch.scales, 0, HALF_ROWS);
                kernels.halves(weights, superScales + word, word, 1, scratch.factors, 0);
                for (int i = 0; i < HALF_ROWS; i++) {
                    scratch.factors[i] = -scratch.factors[i];
                }
                kernels.bytes(weights, at, stride, count, true, false, scratch.factors, scratch.minima, 0, HALF_ROWS);
            }
            case SUPER_SCALE_OF_16 -> {
                kernels.halves(weights, superScales, word, 1, scratch.factors, 0);
                kernels.bytes(
                        weights, at, stride, count, false, true, scratch.factors, scratch.scales, 0, 2 * HALF_ROWS);
                kernels.bytes(
                        weights,
                        at,
                        stride,
                        count,
                        true,
                        true,
                        scratch.factors,
                        scratch.scales,
                        HALF_ROWS,
                        2 * HALF_ROWS);
            }
        }
    }

    /** The value of one weight, as the format defines it. */
    public float weight(int row, int column) {
        int tile = row / ROWS * tileInts;
        int lane = row % ROWS;
        int block = column / IntegerPlane.BLOCK;
        int value =
                layout.integers().get(weights, tile + layout.integersOffset(block), column % IntegerPlane.BLOCK, lane);
        float integer = layout.signed() ? value - layout.integers().center() : value;
        int scales = tile + layout.scalesOffset(block);
        int superScales = tile + layout.superScalesOffset(block);
        return switch (layout.scales()) {
            case SCALE -> half(scales, 0, lane) * integer;
            case SCALE_AND_MINIMUM -> half(scales, 0, lane) * integer + half(scales, 1, lane);
            case SUPER_SCALE_AND_MINIMUM -> {
                int pair = IntegerPlane.half(weights, scales, 0, lane);
                yield half(superScales, 0, lane) * (pair & 255) * integer - half(superScales, 1, lane) * (pair >>> 8);
            }
            case SUPER_SCALE_OF_16 -> {
                int pair = IntegerPlane.half(weights, scales, 0, lane);
                int scale = (byte) (column % 32 < 16 ? pair : pair >>> 8);
                yield half(superScales, 0, lane) * scale * integer;
            }
        };
    }

    private float half(int base, int word, int lane) {
        return FloatPlane.half(IntegerPlane.half(weights, base, word, lane));
    }

    /** Working memory of one part of a product. */
    private static final class Scratch {
        final float[] sums;
        final float[] tile;
        final float[] scales;
        final float[] minima;
        final float[] factors;
        final float[] totals;

        Scratch(TileLayout layout, int sumBlocks, int unpackedBlocks, int totals) {
            int blocks = sumBlocks + unpackedBlocks; // one of them is 0
            sums = new float[2 * sumBlocks * (32 / layout.integers().sumColumns()) * HALF_ROWS];
            tile = new float[unpackedBlocks * 32 * HALF_ROWS];
            scales = new float[blocks * (32 / layout.scales().columns()) * HALF_ROWS];
            minima = new float[layout.scales().hasMinimum() ? blocks * HALF_ROWS : 0];
            factors = new float[HALF_ROWS];
            this.totals = new float[totals];
        }
    }
}
