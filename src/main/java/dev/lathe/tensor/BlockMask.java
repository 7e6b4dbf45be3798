package dev.lathe.tensor;

import java.util.BitSet;

/**
 * Which blocks of a matrix are there: blocks of {@value #ROWS} output rows and a number of input columns. Immutable.
 *
 * <p>Blocks are numbered stripe after stripe (a stripe is {@value #ROWS} output rows), within a stripe by their columns.
 */
public final class BlockMask {
    /** Output rows of a block: a tile of a packed layer. */
    public static final int ROWS = Linear.TILE_ROWS;

    private final int outputSize;
    private final int inputSize;
    private final int columns;
    private final BitSet present;

    /**
     * A mask.
     *
     * @param outputSize rows of the matrix; the last stripe may be shorter than others
     * @param inputSize columns of the matrix, a multiple of {@code columns}
     * @param columns input columns of a block
     * @param present the numbers of the blocks that are there; copied
     * @throws IllegalArgumentException if the columns do not divide the matrix, or a block is beyond it
     */
    public BlockMask(int outputSize, int inputSize, int columns, BitSet present) {
        if (outputSize < 1 || inputSize < 1 || columns < 1 || inputSize % columns != 0) {
            throw new IllegalArgumentException("blocks of " + columns + " columns do not divide a matrix of ["
                    + outputSize + " x " + inputSize + "]");
        }
        this.outputSize = outputSize;
        this.inputSize = inputSize;
        this.columns = columns;
        this.present = (BitSet) present.clone();
        if (present.length() > blockCount()) {
            throw new IllegalArgumentException(
                    "block " + (present.length() - 1) + " is beyond the " + blockCount() + " of the matrix");
        }
    }

    /** Rows of the matrix. */
    public int outputSize() {
        return outputSize;
    }

    /** Columns of the matrix. */
    public int inputSize() {
        return inputSize;
    }

    /** Input columns of a block. */
    public int columns() {
        return columns;
    }

    /** Stripes of {@value #ROWS} rows. */
    public int stripeCount() {
        return (outputSize + ROWS - 1) / ROWS;
    }

    /** Blocks of a stripe, present or not. */
    public int blocksPerStripe() {
        return inputSize / columns;
    }

    /** Blocks of the matrix, present or not. */
    public int blockCount() {
        return Math.multiplyExact(stripeCount(), blocksPerStripe());
    }

    /** Blocks that are there. */
    public int presentCount() {
        return present.cardinality();
    }

    /** Whether a block is there. */
    public boolean isPresent(int stripe, int block) {
        return present.get(stripe * blocksPerStripe() + block);
    }

    /** The blocks of a stripe that are there, ascending. */
    public int[] presentIn(int stripe) {
        int first = stripe * blocksPerStripe();
        return present.get(first, first + blocksPerStripe()).stream().toArray();
    }
}
