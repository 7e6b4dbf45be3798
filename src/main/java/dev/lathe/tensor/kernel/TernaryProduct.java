package dev.lathe.tensor.kernel;

import dev.lathe.tensor.store.WeightMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Matrix of weights -d, 0 and d times rows of 8-bit activations, by additions alone but for one scale d of each 256
 * columns and one of each row.
 *
 * <p>A tile holds 64 rows in words as those of {@link IntegerPlane}: a 16-bit lane has eight columns of one row, two bits
 * each: the lower is set for 1, the upper for -1. Every block's sum is an exact integer; floats are added once a block, in
 * order.
 */
public final class TernaryProduct {
    /** Columns that share a scale. */
    public static final int BLOCK = 256;

    public static final int WORD_COLUMNS = 8;
    private static final int BLOCK_WORDS = BLOCK / WORD_COLUMNS;
    private static final int ROWS = IntegerPlane.ROWS;

    private final int outputs;
    private final int words;
    private final int blocks;
    private final MemorySegment weights; // [tiles][words][32 ints]
    private final float[] scales; // [tiles][blocks][64 rows]
    private final TernaryKernels kernels;

    /** A matrix of zeros, to be filled with {@link #setBlock} before it is shared. */
    public TernaryProduct(int outputs, int columns, WeightMemory memory, Kernels kernels) {
        this.outputs = outputs;
        this.kernels = kernels.ternary();
        words = words(columns);
        blocks = (columns + BLOCK - 1) / BLOCK;
        int tiles = (outputs + ROWS - 1) / ROWS;
        weights = memory.allocate((long) tiles * tileBytes());
        scales = new float[tiles * blocks * ROWS];
    }

    static int words(int columns) {
        return (columns + WORD_COLUMNS - 1) / WORD_COLUMNS;
    }

    private long tileBytes() {
        return (long) words * IntegerPlane.WORD_BYTES;
    }

    /** Sets up to 256 columns of a row to the signs of so many numbers, times the scale. */
    public void setBlock(int row, int block, float scale, float[] numbers, int from, int count) {
        int tile = row / ROWS;
        scales[(tile * blocks + block) * ROWS + row % ROWS] = scale;
        for (int i = 0; i < count; i++) {
            int column = block * BLOCK + i;
            int field = numbers[from + i] > 0 ? 1 : numbers[from + i] < 0 ? 2 : 0;
            long at = tile * tileBytes();
            IntegerPlane.setHalf(weights, at, column / WORD_COLUMNS, row % ROWS, field << 2 * (column % WORD_COLUMNS));
        }
    }

    /** -1, 0 or 1. */
    public static int get(MemorySegment weights, long tile, int column, int row) {
        int fields = IntegerPlane.half(weights, tile, column / WORD_COLUMNS, row) >>> 2 * (column % WORD_COLUMNS);
        return (fields & 1) - (fields >>> 1 & 1);
    }

    /** The value of one weight. */
    public float weight(int row, int column) {
        int tile = row / ROWS;
        float scale = scales[(tile * blocks + column / BLOCK) * ROWS + row % ROWS];
        return scale * get(weights, tile * tileBytes(), column, row % ROWS);
    }

    /** Bytes of weights and scales. */
    public long byteCount() {
        return weights.byteSize() + 4L * scales.length;
    }

    /**
     * Computes some tiles for all rows.
     *
     * @param out results, [rows x stride]
     */
    public void multiply(int fromTile, int toTile, TernaryRows x, int rows, float[] out, int stride) {
        int[] sums = new int[ROWS];
        float[] totals = new float[ROWS];
        for (int tile = fromTile; tile < toTile; tile++) {
            int count = Math.min(ROWS, outputs - tile * ROWS);
            for (int row = 0; row < rows; row++) {
                Arrays.fill(totals, 0f);
                for (int block = 0; block < blocks; block++) {
                    int word = block * BLOCK_WORDS;
                    long at = tile * tileBytes() + (long) word * IntegerPlane.WORD_BYTES;
                    int xAt = row * x.stride + block * BLOCK;
                    kernels.sums(weights, at, Math.min(BLOCK_WORDS, words - word), x.values, xAt, sums);
                    for (int i = 0; i < ROWS; i++) {
                        totals[i] = Math.fma(sums[i], scales[(tile * blocks + block) * ROWS + i], totals[i]);
                    }
                }
                for (int i = 0; i < count; i++) {
                    out[row * stride + tile * ROWS + i] = totals[i] * x.scales[row];
                }
            }
        }
    }
}
