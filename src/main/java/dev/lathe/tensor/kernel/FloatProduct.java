package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Matrix of plain numbers times rows of activations: every output is one chain of fused multiply-adds in the order of the
 * columns, however many rows come at once.
 */
public final class FloatProduct {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int HALF_ROWS = IntegerPlane.HALF_ROWS;
    /** Columns unpacked at once for many rows. */
    private static final int UNPACKED_COLUMNS = 128;

    /** Bytes of a matrix so small that the model it belongs to stays in caches. */
    private static final long CACHED_BYTES = 1 << 20;

    private final FloatPlane plane;
    private final MemorySegment weights;
    private final int outputs;
    private final int columns;
    private final long tileBytes;
    private final Kernels kernels;
    private final Optional<FloatKernel> whole;

    /**
     * A matrix of packed tiles.
     *
     * @param plane of the numbers
     * @param weights all tiles, one after the other
     * @param outputs rows of the matrix; the last tile may be padded
     * @param columns of the matrix
     * @param kernels what computes
     */
    public FloatProduct(FloatPlane plane, MemorySegment weights, int outputs, int columns, Kernels kernels) {
        this.plane = plane;
        this.weights = weights;
        this.outputs = outputs;
        this.columns = columns;
        this.tileBytes = (long) plane.columnBytes() * columns;
        this.kernels = kernels;
        whole = kernels.floats();
    }

    /** The same matrix, whose tiles are elsewhere. */
    public FloatProduct at(MemorySegment moved) {
        return new FloatProduct(plane, moved, outputs, columns, kernels);
    }

    /**
     * Computes some tiles for some rows.
     *
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x activations, [rows x columns]
     * @param fromRow the first to compute
     * @param toRow the end of those to compute
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    public void multiply(int fromTile, int toTile, FloatRows x, int fromRow, int toRow, float[] out, int stride) {
        if (x.active().isPresent() && paysToSkip(x.active().get())) {
            multiplyActive(fromTile, toTile, x.active().get(), out);
        } else if (whole.isPresent()) {
            whole.get().multiply(plane, weights, outputs, columns, fromTile, toTile, x, fromRow, toRow, out, stride);
        } else if (x.scaled()) {
            multiplyFewRows(fromTile, toTile, x.values(), fromRow, toRow, out, stride);
        } else {
            multiplyRows(fromTile, toTile, x.values(), fromRow, toRow, out, stride);
        }
    }

    /**
     * Columns of a tile are short pieces of memory, which processors foresee only if they follow each other: from memory few of
     * them must be left, from caches it is enough that some are not.
     */
    private boolean paysToSkip(ActiveColumns x) {
        return weights.byteSize() <= CACHED_BYTES ? x.count() <= columns / 8 * 7 : x.count() <= columns / 4;
    }

    /** One row, of which many elements are zero. */
    private void multiplyActive(int fromTile, int toTile, ActiveColumns x, float[] out) {
        float[] totals = new float[ROWS];
        for (int tile = fromTile; tile < toTile; tile++) {
            kernels.sparse().activeRow(plane, weights, tile * tileBytes, x, totals);
            System.arraycopy(totals, 0, out, tile * ROWS, Math.min(ROWS, outputs - tile * ROWS));
        }
    }

    /** Rows by fours, and one or two that are left, against weights as they are packed. */
    private void multiplyFewRows(int fromTile, int toTile, float[] x, int fromRow, int toRow, float[] out, int stride) {
        float[] totals = new float[4 * ROWS];
        for (int tile = fromTile; tile < toTile; tile++) {
            int count = Math.min(ROWS, outputs - tile * ROWS);
            for (int row = fromRow; row < toRow; row += 4) {
                int present = Math.min(4, toRow - row);
                if (present == 1) {
                    kernels.matrices().floatRow(plane, weights, tile * tileBytes, columns, x, row * columns, totals);
                } else {
                    kernels.matrices()
                            .floatRows(
                                    plane,
                                    weights,
                                    tile * tileBytes,
                                    columns,
                                    x,
                                    row * columns,
                                    columns,
                                    present,
                                    totals);
                }
                for (int r = 0; r < present; r++) {
                    System.arraycopy(totals, r * ROWS, out, (row + r) * stride + tile * ROWS, count);
                }
            }
        }
    }

    private void multiplyRows(int fromTile, int toTile, float[] x, int fromRow, int toRow, float[] out, int stride) {
        int rows = toRow - fromRow;
        int padded = RowGroups.padded(rows);
        float[] unpacked = new float[UNPACKED_COLUMNS * HALF_ROWS];
        float[] totals = new float[padded * HALF_ROWS];
        for (int first = fromTile * ROWS; first < Math.min(toTile * ROWS, outputs); first += HALF_ROWS) {
            Arrays.fill(totals, 0f);
            long half = first / ROWS * tileBytes + first % ROWS / HALF_ROWS * plane.columnBytes() / 2;
            for (int column = 0; column < columns; column += UNPACKED_COLUMNS) {
                int count = Math.min(UNPACKED_COLUMNS, columns - column);
                kernels.matrices()
                        .unpackFloats(plane, weights, half + (long) column * plane.columnBytes(), count, unpacked);
                for (int row = 0, together; row < padded; row += together) {
                    together = RowGroups.next(rows - row);
                    int from = (fromRow + row) * columns + column;
                    kernels.matrices()
                            .add(unpacked, count, x, from, columns, together, totals, row * HALF_ROWS, HALF_ROWS);
                }
            }
            int count = Math.min(HALF_ROWS, outputs - first);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(totals, row * HALF_ROWS, out, (fromRow + row) * stride + first, count);
            }
        }
    }

    /** The most rows that are multiplied with weights as they are packed. */
    public int mostPackedRows() {
        return whole.isPresent() ? Integer.MAX_VALUE : kernels.matrices().mostPackedRows(plane);
    }

    /** How the numbers lie. */
    public FloatPlane plane() {
        return plane;
    }

    /** The value of one weight. */
    public float weight(int row, int column) {
        return plane.get(weights, row / ROWS * tileBytes, column, row % ROWS);
    }
}
