package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Matrix of F16 numbers of which 1 to 3 of every four consecutive columns are stored, times rows of activations: every output
 * is one chain of fused multiply-adds in the order of the columns, so the sums are those of the whole matrix with zeros.
 *
 * <p>A tile holds 64 rows in chunks of 16 columns. A chunk is {@code kept} words (see {@link IntegerPlane}) of column numbers,
 * then {@code 4 * kept} words of weights. Each 16-bit lane of a word of numbers has four nibbles, lowest first: the column within
 * its chunk of four weights of that row. A vector of L lanes looks a column up in L neighbouring activations, by the low bits
 * of the nibble.
 */
public final class GroupSparseProduct {
    /** Columns of a group. */
    public static final int GROUP = 4;
    /** Columns of a chunk. */
    public static final int CHUNK = 16;

    private static final int ROWS = IntegerPlane.ROWS;
    private static final int HALF_ROWS = IntegerPlane.HALF_ROWS;
    /** Up to here looking columns up for every row is cheaper than spreading the weights once. */
    private static final int FEW_ROWS = 6;
    /** Chunks that are spread at once: their floats stay in the cache. */
    private static final int CHUNKS_TOGETHER = 16;
    /** Rows of one call of a kernel, which is to be short. */
    private static final int ROWS_TOGETHER = 96;

    private final MemorySegment weights;
    private final int outputs;
    private final int columns;
    private final int kept;
    private final long tileBytes;
    private final Kernels kernels;

    /**
     * A matrix of packed tiles.
     *
     * @param weights all tiles, {@link #byteCount(int, int, int)} of them
     * @param outputs rows
     * @param columns a multiple of {@value #CHUNK}
     * @param kept weights stored of every {@value #GROUP} columns
     */
    public GroupSparseProduct(MemorySegment weights, int outputs, int columns, int kept, Kernels kernels) {
        this.weights = weights;
        this.outputs = outputs;
        this.columns = columns;
        this.kept = kept;
        this.kernels = kernels;
        tileBytes = (long) (columns / CHUNK) * chunkBytes(kept);
    }

    /** The same matrix, whose tiles are elsewhere. */
    public GroupSparseProduct at(MemorySegment moved) {
        return new GroupSparseProduct(moved, outputs, columns, kept, kernels);
    }

    /** Bytes of all tiles of a matrix. */
    public static long byteCount(int outputs, int columns, int kept) {
        return (long) ((outputs + ROWS - 1) / ROWS) * (columns / CHUNK) * chunkBytes(kept);
    }

    /** Makes it a matrix of zeros, to be filled with {@link #set} before it is shared. */
    public void clear() {
        int rows = (outputs + ROWS - 1) / ROWS * ROWS;
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns / GROUP * kept; i++) { // columns of absent weights are ascending too
                set(row, i, i / kept * GROUP + i % kept, 0);
            }
        }
    }

    public static int chunkBytes(int kept) {
        return 5 * kept * IntegerPlane.WORD_BYTES;
    }

    /**
     * Sets a stored weight.
     *
     * @param row of the matrix
     * @param index of the weight among those stored of its row
     * @param column of the matrix, in the weight's group
     * @param half the number's 16 bits
     */
    public void set(int row, int index, int column, int half) {
        long chunk = chunk(row, index);
        int inChunk = index % (GROUP * kept);
        int shift = 4 * (inChunk % 4) + (row & 16);
        long at = chunk + inChunk / 4 * IntegerPlane.WORD_BYTES + 4L * lane(row);
        replace(at, 15 << shift, column % CHUNK << shift);
        long word = chunk + (kept + inChunk) * IntegerPlane.WORD_BYTES + 4L * lane(row);
        replace(word, 0xffff << (row & 16), (half & 0xffff) << (row & 16));
    }

    private void replace(long at, int mask, int bits) {
        weights.set(IntegerPlane.INT, at, weights.get(IntegerPlane.INT, at) & ~mask | bits);
    }

    private long chunk(int row, int index) {
        return row / ROWS * tileBytes + (long) (index / (GROUP * kept)) * chunkBytes(kept);
    }

    private static int lane(int row) {
        return row % ROWS / HALF_ROWS * IntegerPlane.HALF_WORD + row % IntegerPlane.HALF_WORD;
    }

    /** The column of a stored weight. */
    public int column(int row, int index) {
        int inChunk = index % (GROUP * kept);
        int nibbles = IntegerPlane.half(weights, chunk(row, index), inChunk / 4, row % ROWS);
        return index / (GROUP * kept) * CHUNK + (nibbles >>> 4 * (inChunk % 4) & 15);
    }

    /** A stored weight. */
    public float weight(int row, int index) {
        int word = kept + index % (GROUP * kept);
        return FloatPlane.half(IntegerPlane.half(weights, chunk(row, index), word, row % ROWS));
    }

    /** Bytes of weights and columns. */
    public long byteCount() {
        return weights.byteSize();
    }

    /**
     * Computes some tiles for all rows.
     *
     * @param fromTile first tile
     * @param toTile end of the tiles
     * @param x activations, [rows x columns]
     * @param rows how many
     * @param out results, [rows x stride]
     * @param stride floats from row to row
     */
    public void multiply(int fromTile, int toTile, float[] x, int rows, float[] out, int stride) {
        if (rows <= FEW_ROWS) {
            float[] totals = new float[ROWS];
            for (int tile = fromTile; tile < toTile; tile++) {
                int count = Math.min(ROWS, outputs - tile * ROWS);
                for (int row = 0; row < rows; row++) {
                    kernels.sparse()
                            .groupRow(weights, tile * tileBytes, columns / CHUNK, kept, x, row * columns, totals);
                    System.arraycopy(totals, 0, out, row * stride + tile * ROWS, count);
                }
            }
        } else {
            for (int first = fromTile * ROWS; first < Math.min(toTile * ROWS, outputs); first += HALF_ROWS) {
                multiplyRows(first, x, rows, out, stride);
            }
        }
    }

    /** The 32 outputs from {@code first} on: their weights are spread to whole columns, some of them at a time. */
    private void multiplyRows(int first, float[] x, int rows, float[] out, int stride) {
        float[] totals = new float[rows * HALF_ROWS];
        float[] spread = new float[CHUNKS_TOGETHER * CHUNK * HALF_ROWS];
        int chunks = columns / CHUNK;
        for (int chunk = 0; chunk < chunks; chunk += CHUNKS_TOGETHER) {
            int together = Math.min(CHUNKS_TOGETHER, chunks - chunk);
            spread(first, chunk, together, spread);
            for (int row = 0; row < rows; row += ROWS_TOGETHER) {
                int count = Math.min(ROWS_TOGETHER, rows - row);
                int at = row * columns + chunk * CHUNK;
                // the sum over columns is that of attention's weighted values
                kernels.attention()
                        .accumulate(
                                x,
                                at,
                                columns,
                                count,
                                spread,
                                0,
                                together * CHUNK,
                                HALF_ROWS,
                                totals,
                                row * HALF_ROWS,
                                HALF_ROWS);
            }
        }
        int count = Math.min(HALF_ROWS, outputs - first);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(totals, row * HALF_ROWS, out, row * stride + first, count);
        }
    }

    /** The weights of some chunks of 32 outputs as floats, [columns][32]. */
    private void spread(int first, int chunk, int chunks, float[] spread) {
        Arrays.fill(spread, 0f);
        float[] word = new float[HALF_ROWS];
        long half = first / ROWS * tileBytes + first % ROWS / HALF_ROWS * IntegerPlane.WORD_BYTES / 2;
        for (int c = 0; c < chunks; c++) {
            long at = half + (long) (chunk + c) * chunkBytes(kept);
            for (int i = 0; i < GROUP * kept; i++) {
                long numbers = at + i / 4 * IntegerPlane.WORD_BYTES;
                int shift = 4 * (i % 4);
                kernels.matrices()
                        .unpackFloats(FloatPlane.F16, weights, at + (kept + i) * IntegerPlane.WORD_BYTES, 1, word);
                for (int j = 0; j < IntegerPlane.HALF_WORD; j++) {
                    int pair = weights.get(IntegerPlane.INT, numbers + 4L * j) >>> shift;
                    spread[(c * CHUNK + (pair & 15)) * HALF_ROWS + j] = word[j];
                    spread[(c * CHUNK + (pair >>> 16 & 15)) * HALF_ROWS + 16 + j] = word[16 + j];
                }
            }
        }
    }
}
