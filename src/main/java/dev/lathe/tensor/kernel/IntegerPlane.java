package dev.lathe.tensor.kernel;

/**
 * How the small integers of a quantized matrix lie in a tile.
 *
 * <p>A tile holds 64 rows, in two halves of 32. Its unit is the word: 32 ints, 16 for each half, in which the low 16 bits of
 * int j belong to row j of the half and the high bits to row j + 16, so that every 16-bit lane belongs to one output. A block
 * of 32 columns takes {@link #words} words. Four columns share a word as nibbles, lowest first; the bits above the nibble
 * follow in words of their own. A tile is one stream of memory: two vectors that share each broadcast activation read it side
 * by side.
 */
public enum IntegerPlane {
    /** 0..15: 8 words of four nibbles. */
    FOUR(8, 8, 32),
    /** 0..31: 8 words of nibbles, 2 words of fifth bits (16 columns each). */
    FIVE(10, 16, 32),
    /** 0..63: 8 words of nibbles, 4 words of upper bit pairs (8 columns each). */
    SIX(12, 32, 8),
    /** 0..255: 16 words of two bytes. */
    EIGHT(16, 128, 32);

    /** Columns of a block. */
    public static final int BLOCK = 32;
    /** Ints of a word. */
    public static final int WORD = 32;
    /** Rows of a tile. */
    public static final int ROWS = 64;
    /** Ints of half a word. */
    static final int HALF_WORD = WORD / 2;
    /** Rows of half a tile. */
    static final int HALF_ROWS = ROWS / 2;

    private final int words;
    private final int center;
    private final int sumColumns;

    IntegerPlane(int words, int center, int sumColumns) {
        this.words = words;
        this.center = center;
        this.sumColumns = sumColumns;
    }

    /** Words of one block. */
    public int words() {
        return words;
    }

    /** The middle of the range: {@code value - center} is the signed form of a value. */
    public int center() {
        return center;
    }

    /** Columns over which the kernels return one exact sum. */
    public int sumColumns() {
        return sumColumns;
    }

    /** The unsigned value of a column (0..31) and row (0..63) of the block that starts at an int index. */
    public int get(int[] tile, int block, int column, int row) {
        return switch (this) {
            case FOUR -> nibble(tile, block, column, row);
            case FIVE ->
                nibble(tile, block, column, row) | (half(tile, block, 8 + column / 16, row) >>> column % 16 & 1) << 4;
            case SIX ->
                nibble(tile, block, column, row)
                        | (half(tile, block, 8 + column / 8, row) >>> 2 * (column % 8) & 3) << 4;
            case EIGHT -> half(tile, block, column / 2, row) >>> 8 * (column % 2) & 255;
        };
    }

    private static int nibble(int[] tile, int block, int column, int row) {
        return half(tile, block, column / 4, row) >>> 4 * (column % 4) & 15;
    }

    /** The unsigned 16-bit lane of a row in a word of the block. */
    public static int half(int[] tile, int block, int word, int row) {
        return tile[index(block, word, row)] >>> (row & 16) & 0xffff;
    }

    /** Sets the lane of a row, which must have been zero. */
    public static void setHalf(int[] tile, int block, int word, int row, int value) {
        tile[index(block, word, row)] |= (value & 0xffff) << (row & 16);
    }

    private static int index(int block, int word, int row) {
        return block + word * WORD + row / HALF_ROWS * HALF_WORD + row % HALF_WORD;
    }
}
