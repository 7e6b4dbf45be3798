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
    /** Blocks unpacked at once for many rows. */
    private static final int UNPACKED_BLOCKS = ScalePlane.SUPER_BLOCKS;

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
        if (readsIntegers(rows)) {
            float[] totals = new float[ROWS];
            for (int tile = fromTile; tile < toTile; tile++) {
                int count = Math.min(ROWS, outputs - tile * ROWS);
                for (int row = 0; row < rows; row++) {
                    Arrays.fill(totals, 0f);
                    kernels.multiplyRow(layout, weights, tile * tileInts, blocks, x, row * blocks, totals);
                    System.arraycopy(totals, 0, out, row * stride + tile * ROWS, count);
                }
            }
        } else {
            int padded = rows + 3 & ~3;
            Scratch scratch = new Scratch(padded);
            for (int first = fromTile * ROWS; first < Math.min(toTile * ROWS, outputs); first += HALF_ROWS) {
                multiplyRows(first, x, padded, scratch);
                int count = Math.min(HALF_ROWS, outputs - first);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(scratch.totals, row * HALF_ROWS, out, row * stride + first, count);
                }
            }
        }
    }

    /** The plane of the weights, for which rows of activations are quantized. */
    public IntegerPlane plane() {
        return layout.integers();
    }

    /** Whether so few rows come that their integers are multiplied as they are, not as floats. */
    static boolean readsIntegers(int rows) {
        return rows <= 2;
    }

    /** The 32 outputs from {@code first} on, half a tile, for four rows at a time. */
    private void multiplyRows(int first, QuantizedRows x, int rows, Scratch scratch) {
        int width = layout.scales().columns();
        int half = first / ROWS * tileInts + first % ROWS / HALF_ROWS * IntegerPlane.HALF_WORD;
        Arrays.fill(scratch.totals, 0f);
        for (int block = 0; block < blocks; block += UNPACKED_BLOCKS) {
            int count = Math.min(UNPACKED_BLOCKS, blocks - block);
            int groups = count * IntegerPlane.BLOCK / width;
            kernels.unpack(layout, weights, half + layout.integersOffset(block), count, scratch.tile);
            kernels.scales(layout, weights, half, block, count, scratch.scales, scratch.minima);
            for (int row = 0; row < rows; row += 4) {
                int from = row * x.columns + block * IntegerPlane.BLOCK;
                int to = row * HALF_ROWS;
                if (layout.scales().hasMinimum()) {
                    kernels.addBlocksWithMinima(
                            scratch.tile,
                            groups,
                            width,
                            scratch.scales,
                            scratch.minima,
                            x,
                            from,
                            scratch.totals,
                            to,
                            HALF_ROWS);
                } else {
                    kernels.addBlocks(
                            scratch.tile, groups, width, scratch.scales, x, from, scratch.totals, to, HALF_ROWS);
                }
            }
        }
    }

    /** The value of one weight, as the format defines it. */
    public float weight(int row, int column) {
        int tile = row / ROWS * tileInts;
        int lane = row % ROWS;
        float product = layout.scale(weights, tile, column, lane) * layout.integer(weights, tile, column, lane);
        return layout.scales().hasMinimum() ? product + layout.minimum(weights, tile, column, lane) : product;
    }

    /** Working memory of the products of many rows. */
    private static final class Scratch {
        final float[] tile = new float[UNPACKED_BLOCKS * IntegerPlane.BLOCK * HALF_ROWS];
        final float[] scales = new float[UNPACKED_BLOCKS * 2 * HALF_ROWS];
        final float[] minima = new float[UNPACKED_BLOCKS * 2 * HALF_ROWS];
        final float[] totals;

        Scratch(int rows) {
            totals = new float[rows * HALF_ROWS];
        }
    }
}
