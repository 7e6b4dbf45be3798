package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How the small integers of a quantized matrix lie in a tile.
 *
 * <p>A tile holds 64 rows, in two halves of 32. Its unit is the word: 32 ints, 16 for each half, in which the low 16 bits of
 * int j belong to row j of the half and the high bits to row j + 16, so that every 16-bit lane belongs to one output. A block
 * of 32 columns takes {@link #words} words. Columns share a word as fields,
 * lowest first; what is left of the 16 bits of a few words makes up the columns that are missing. A tile is one stream of memory: two vectors that share each broadcast activation read it side
 * by side.
 */
public enum IntegerPlane {
    /** 0..2, and 3 in odd files: 4 words of eight pairs of bits. */
    TERNARY(4, 1, 32),
    /** 0..3: the same words. */
    TWO(4, 2, 16),
    /** 0..7: twice 3 words of five fields of 3 bits; their highest bits are the 16th column. */
    THREE(6, 4, 16),
    /** 0..15: 8 words of four nibbles. */
    FOUR(8, 8, 32),
    /**
     * Sixteen of 0..31, twice the floats of 2 exponent bits and 1 mantissa bit (OCP Microscaling Formats, 2023, section 5.3.3) plus
     * 16: 8 words of four nibbles that choose.
     */
    FLOAT_FOUR(8, 16, 16, 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12),
    /** Sixteen of 0..255, the levels of IQ4_NL plus 128 (ggml, MIT licence): 8 words of four nibbles that choose. */
    NONLINEAR_FOUR(8, 128, 2, -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113),
    /** 0..31: twice 5 words of three fields of 5 bits; their highest bits are the 16th column. */
    FIVE(10, 16, 16),
    /** 0..63: four times 3 words of two fields of 6 bits; their highest four bits, the first word's lowest, are two more columns. */
    SIX(12, 32, 8),
    /** 0..255: 16 words of two bytes. */
    EIGHT(16, 128, 2);

    /** The ints of tiles, as the processor orders their bytes. */
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    /** Columns of a block. */
    public static final int BLOCK = 32;
    /** Ints of a word. */
    public static final int WORD = 32;
    /** Bytes of a word. */
    public static final int WORD_BYTES = 4 * WORD;
    /** Rows of a tile. */
    public static final int ROWS = 64;
    /** Ints of the sums of a lane's columns of a tile for six rows of activations. */
    static final int LANE_SUMS = 6 * WORD;
    /** Ints of half a word. */
    static final int HALF_WORD = WORD / 2;
    /** Rows of half a tile. */
    static final int HALF_ROWS = ROWS / 2;

    private final int words;
    private final int center;
    private final int laneColumns;
    private final byte[] levels;

    IntegerPlane(int words, int center, int laneColumns, int... levels) {
        this.words = words;
        this.center = center;
        this.laneColumns = laneColumns;
        this.levels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            this.levels[i] = (byte) (levels[i] + center);
        }
    }

    /**
     * Columns whose products with activations of -127..127 fit in a 16-bit lane: so many are added up before the sum is
     * widened.
     */
    int laneColumns() {
        return laneColumns;
    }

    /** Whether products of many rows are float products of the same integers: too few columns fit in a 16-bit lane. */
    boolean unpacksToFloats() {
        return laneColumns == 2;
    }

    /** What is subtracted from integers before they are multiplied in lanes; 2 bits fit as they are. */
    int laneCenter() {
        return this == TWO ? 0 : center;
    }

    /** The values that nibbles choose, as unsigned bytes, again and again: a vector's length of them or more. */
    byte[] lookupTable() {
        byte[] table = new byte[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = levels[i % levels.length];
        }
        return table;
    }

    /** Words of one block. */
    public int words() {
        return words;
    }

    /** The middle of the range: {@code value - center} is the signed form of a value. */
    public int center() {
        return center;
    }

    /** The unsigned value of a column (0..31) and row (0..63) of the block that starts at a byte. */
    public int get(MemorySegment tile, long block, int column, int row) {
        return switch (this) {
            case TERNARY, TWO -> half(tile, block, column / 8, row) >>> 2 * (column % 8) & 3;
            case THREE -> field(3, tile, block, column, row);
            case FOUR -> half(tile, block, column / 4, row) >>> 4 * (column % 4) & 15;
            case FLOAT_FOUR, NONLINEAR_FOUR ->
                levels[half(tile, block, column / 4, row) >>> 4 * (column % 4) & 15] & 255;
            case FIVE -> field(5, tile, block, column, row);
            case SIX -> {
                int word = column / 8 * 3;
                if (column % 8 < 6) {
                    yield half(tile, block, word + column % 8 / 2, row) >>> 6 * (column % 2) & 63;
                }
                int last = half(tile, block, word, row) >>> 12
                        | half(tile, block, word + 1, row) >>> 12 << 4
                        | half(tile, block, word + 2, row) >>> 12 << 8;
                yield last >>> 6 * (column % 2) & 63;
            }
            case EIGHT -> half(tile, block, column / 2, row) >>> 8 * (column % 2) & 255;
        };
    }

    /** Sets the unsigned value of a column and row of a block, which must have been zero. */
    public void set(MemorySegment tile, long block, int column, int row, int value) {
        switch (this) {
            case TERNARY, TWO -> setHalf(tile, block, column / 8, row, value << 2 * (column % 8));
            case THREE -> setField(3, tile, block, column, row, value);
            case FOUR -> setHalf(tile, block, column / 4, row, value << 4 * (column % 4));
            case FLOAT_FOUR, NONLINEAR_FOUR ->
                throw new UnsupportedOperationException("nibbles of " + this + " are written as they are");
            case FIVE -> setField(5, tile, block, column, row, value);
            case SIX -> {
                int word = column / 8 * 3;
                if (column % 8 < 6) {
                    setHalf(tile, block, word + column % 8 / 2, row, value << 6 * (column % 2));
                } else {
                    int last = value << 6 * (column % 2);
                    setHalf(tile, block, word, row, last << 12);
                    setHalf(tile, block, word + 1, row, last >>> 4 << 12);
                    setHalf(tile, block, word + 2, row, last >>> 8 << 12);
                }
            }
            case EIGHT -> setHalf(tile, block, column / 2, row, value << 8 * (column % 2));
        }
    }

    /** A column of 16 of which each word holds as many as fit, and its highest bit one bit of the last. */
    private static int field(int bits, MemorySegment tile, long block, int column, int row) {
        int first = column / 16 * bits;
        int fields = 15 / bits;
        if (column % 16 < 15) {
            int word = first + column % 16 / fields;
            return half(tile, block, word, row) >>> bits * (column % 16 % fields) & (1 << bits) - 1;
        }
        int value = 0;
        for (int bit = 0; bit < bits; bit++) {
            value |= half(tile, block, first + bit, row) >>> 15 << bit;
        }
        return value;
    }

    private static void setField(int bits, MemorySegment tile, long block, int column, int row, int value) {
        int first = column / 16 * bits;
        int fields = 15 / bits;
        if (column % 16 < 15) {
            int word = first + column % 16 / fields;
            setHalf(tile, block, word, row, value << bits * (column % 16 % fields));
            return;
        }
        for (int bit = 0; bit < bits; bit++) {
            setHalf(tile, block, first + bit, row, value >>> bit << 15);
        }
    }

    /** The unsigned 16-bit lane of a row in a word of the block. */
    public static int half(MemorySegment tile, long block, int word, int row) {
        return tile.get(INT, at(block, word, row)) >>> (row & 16) & 0xffff;
    }

    /** Sets the lane of a row, which must have been zero. */
    public static void setHalf(MemorySegment tile, long block, int word, int row, int value) {
        long at = at(block, word, row);
        tile.set(INT, at, tile.get(INT, at) | (value & 0xffff) << (row & 16));
    }

    /** The row that the low 16 bits of int {@code j} of a word belong to; the high ones belong to the 16th after it. */
    static int row(int j) {
        return j / HALF_WORD * HALF_ROWS + j % HALF_WORD;
    }

    private static long at(long block, int word, int row) {
        return block + 4L * (word * WORD + row / HALF_ROWS * HALF_WORD + row % HALF_WORD);
    }
}
