package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

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
    private final MemorySegment weights;
    private final int blocks;
    private final long tileBytes;
    private final int outputs;
    private final Kernels kernels;
    private final Optional<ProductKernel> whole;

    /**
     * A matrix of packed tiles.
     *
     * @param layout of the tiles
     * @param weights all tiles, one after the other
     * @param outputs rows of the matrix; the last tile may be padded
     * @param columns of the matrix, a multiple of 32
     * @param kernels what computes
     */
    public QuantizedProduct(TileLayout layout, MemorySegment weights, int outputs, int columns, Kernels kernels) {
        this.layout = layout;
        this.weights = weights;
        this.blocks = columns / IntegerPlane.BLOCK;
        this.tileBytes = layout.tileBytes(blocks);
        this.outputs = outputs;
        this.kernels = kernels;
        whole = kernels.product(layout);
    }

    /** The same matrix, whose tiles are elsewhere. */
    public QuantizedProduct at(MemorySegment moved) {
        return new QuantizedProduct(this, moved);
    }

    private QuantizedProduct(QuantizedProduct other, MemorySegment moved) {
        layout = other.layout;
        weights = moved;
        blocks = other.blocks;
        tileBytes = other.tileBytes;
        outputs = other.outputs;
        kernels = other.kernels;
        whole = other.whole;
    }

    /** Computes some tiles for all rows. */
    public void multiply(int fromTile, int toTile, QuantizedActivations x, int rows, float[] out, int stride) {
        multiply(fromTile, toTile, x, rows, 0, rows, out, stride);
    }

    /**
     * Computes some tiles for some rows.
     *
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x the quantized rows, with room for {@link RowGroups#padded} rows
     * @param rows how many there are, on which {@link #forms} depend
     * @param fromRow the first to compute, a multiple of {@value ProductKernel#ROW_MULTIPLE}
     * @param toRow the end of those to compute: all rows, or a multiple of {@value ProductKernel#ROW_MULTIPLE}
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    public void multiply(
            int fromTile,
            int toTile,
            QuantizedActivations x,
            int rows,
            int fromRow,
            int toRow,
            float[] out,
            int stride) {
        if (whole.isPresent()) {
            whole.get().multiply(weights, blocks, outputs, fromTile, toTile, x, rows, fromRow, toRow, out, stride);
        } else if (rows <= fewRows(plane())) {
            float[] totals = new float[ROWS];
            for (int tile = fromTile; tile < toTile; tile++) {
                int count = Math.min(ROWS, outputs - tile * ROWS);
                for (int row = fromRow; row < toRow; row++) {
                    Arrays.fill(totals, 0f);
                    kernels.matrices().multiplyRow(layout, weights, tile * tileBytes, blocks, x, row * blocks, totals);
                    System.arraycopy(totals, 0, out, row * stride + tile * ROWS, count);
                }
            }
        } else {
            int count = toRow - fromRow;
            Scratch scratch = new Scratch(RowGroups.padded(count));
            for (int tile = fromTile; tile < toTile; tile++) {
                Arrays.fill(scratch.totals, 0f);
                for (int block = 0; block < blocks; block += UNPACKED_BLOCKS) {
                    multiplyBlocks(tile * tileBytes, block, x, fromRow, count, scratch);
                }
                int present = Math.min(ROWS, outputs - tile * ROWS);
                for (int row = 0; row < count; row++) {
                    int at = (fromRow + row) * stride + tile * ROWS;
                    System.arraycopy(scratch.totals, row * ROWS, out, at, present);
                }
            }
        }
    }

    private IntegerPlane plane() {
        return layout.integers();
    }

    /** Quantizes neighbouring rows of activations, from one on; every product's kernels give the same. */
    public void quantize(float[] source, int offset, QuantizedActivations target, int row, int rows) {
        if (whole.isPresent()) {
            whole.get().quantize(source, offset, target, row, rows);
        } else {
            int blocks = target.columns / IntegerPlane.BLOCK;
            kernels.matrices().quantize(source, offset, rows * blocks, target, row * blocks);
        }
    }

    /** What {@link #multiply} reads of so many rows beside their bytes; {@link #derive} makes it. */
    public Set<? extends ActivationForm> forms(int rows) {
        return whole.isPresent()
                ? whole.get().forms(rows)
                : kernels.matrices().forms(plane(), rows <= fewRows(plane()));
    }

    /** Derives a form of the rows from one to another of so many, after it was claimed. */
    public void derive(ActivationForm form, QuantizedActivations x, int fromRow, int toRow, int rows) {
        if (form instanceof LaneForm lane) {
            kernels.matrices().derive(lane, x, fromRow * x.columns, toRow * x.columns);
        } else {
            whole.orElseThrow().derive(form, x, fromRow, toRow, rows);
        }
    }

    /** Up to so many rows multiplying packed weights, row after row, is cheaper than unpacking them once. */
    private static int fewRows(IntegerPlane plane) {
        return plane == IntegerPlane.FOUR || plane == IntegerPlane.EIGHT ? 8 : 6;
    }

    /** Whether the integers of so many rows are multiplied as floats. */
    private static boolean readsFloats(IntegerPlane plane, int rows) {
        return plane.unpacksToFloats() && rows > fewRows(plane);
    }

    /** Some blocks of a tile for a few rows at a time. */
    private void multiplyBlocks(long tile, int block, QuantizedActivations x, int fromRow, int rows, Scratch scratch) {
        int count = Math.min(UNPACKED_BLOCKS, blocks - block);
        long integers = tile + layout.integersOffset(block);
        kernels.matrices().scales(layout, weights, tile, block, count, scratch.scales, scratch.minima);
        if (readsFloats(plane(), rows)) {
            for (int half = 0; half < 2; half++) {
                long from = integers + half * IntegerPlane.WORD_BYTES / 2;
                int first = half * HALF_ROWS;
                kernels.matrices().unpackBytes(layout, weights, from, count, scratch.floats);
                for (int row = 0, together; row < rows; row += together) {
                    together = RowGroups.next(rows - row);
                    int at = (fromRow + row) * x.columns + block * IntegerPlane.BLOCK;
                    int to = row * ROWS + first;
                    kernels.matrices()
                            .addBlocks(
                                    scratch.floats, count, scratch.scales, first, x, at, together, scratch.totals, to);
                }
            }
        } else {
            int groups = count * IntegerPlane.BLOCK / layout.scales().columns();
            kernels.matrices().unpackLanes(layout, weights, integers, count, scratch.lanes);
            for (int row = 0, together; row < rows; row += together) {
                together = RowGroups.next(rows - row);
                int at = (fromRow + row) * x.columns + block * IntegerPlane.BLOCK;
                kernels.matrices()
                        .addLanes(
                                layout,
                                scratch.lanes,
                                groups,
                                scratch.scales,
                                scratch.minima,
                                x,
                                at,
                                together,
                                scratch.sums,
                                scratch.totals,
                                row * ROWS);
            }
        }
    }

    /** Reads the values of a row's weights, as the format defines them. */
    public void readRow(int row, float[] target, int offset) {
        long tile = row / ROWS * tileBytes;
        int lane = row % ROWS;
        int together = layout.scales().columns();
        for (int first = 0; first < blocks * IntegerPlane.BLOCK; first += together) {
            float scale = layout.scale(weights, tile, first, lane);
            float minimum = layout.minimum(weights, tile, first, lane);
            for (int column = first; column < first + together; column++) {
                float product = scale * layout.integer(weights, tile, column, lane);
                target[offset + column] = layout.scales().hasMinimum() ? product + minimum : product;
            }
        }
    }

    /** Working memory of the products of many rows. */
    private static final class Scratch {
        final int[] lanes = new int[UNPACKED_BLOCKS * IntegerPlane.BLOCK * IntegerPlane.WORD];
        final int[] sums = new int[UNPACKED_BLOCKS * 4 * IntegerPlane.LANE_SUMS];
        final float[] floats = new float[UNPACKED_BLOCKS * IntegerPlane.BLOCK * HALF_ROWS];
        final float[] scales = new float[UNPACKED_BLOCKS * 2 * ROWS];
        final float[] minima = new float[UNPACKED_BLOCKS * 2 * ROWS];
        final float[] totals;

        Scratch(int rows) {
            totals = new float[rows * ROWS];
        }
    }
}
