package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

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
    TERNARY(2, 1, 32),
    /** 0..3: the same words. */
    TWO(2, 2, 16),
    /** 0..7: twice 3 words of five fields of 3 bits; their highest bits are the 16th column. */
    THREE(3, 4, 16),
    /** 0..15: 8 words of four nibbles. */
    FOUR(4, 8, 32),
    /**
     * Sixteen of 0..31, twice the floats of 2 exponent bits and 1 mantissa bit (OCP Microscaling Formats, 2023, section
     * 5.3.3) plus 16: 8 words of four nibbles that choose.
     */
    FLOAT_FOUR(4, 16, 16, 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12),
    /** Sixteen of 0..255, the levels of IQ4_NL plus 128 (ggml, MIT licence): 8 words of four nibbles that choose. */
    NONLINEAR_FOUR(4, 128, 2, -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113),
    /** 0..31: twice 5 words of three fields of 5 bits; their highest bits are the 16th column. */
    FIVE(5, 16, 16),
    /** 0..63: four times 3 words of two fields of 6 bits; their highest four bits are two more columns. */
    SIX(6, 32, 8),
    /** 0..255: 16 words of two bytes. */
    EIGHT(8, 128, 2);

    /** The ints of tiles, as the processor orders their bytes. */
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

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
    public static final int HALF_WORD = WORD / 2;
    /** Rows of half a tile. */
    public static final int HALF_ROWS = ROWS / 2;

    private final int bits;
    private final int fields; // whole codes of a word
    private final int spare; // bits of a word that are left
    private final int groupWords; // words whose spare bits make whole codes
    private final int groupColumns;
    private final int words;
    private final int center;
    private final int laneColumns;
    private final byte[] levels;

    IntegerPlane(int bits, int center, int laneColumns, int... levels) {
        this.bits = bits;
        this.center = center;
        this.laneColumns = laneColumns;
        fields = 16 / bits;
        spare = 16 % bits;
        int count = 1;
        while (count * spare % bits != 0) {
            count++;
        }
        groupWords = count;
        groupColumns = count * fields + count * spare / bits;
        words = 32 / groupColumns * count;
        this.levels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            this.levels[i] = (byte) (levels[i] + center);
        }
    }

    /** Bits of a code. */
    public int bits() {
        return bits;
    }

    /** The integer that a code stands for: itself, or the level that it chooses. */
    public int integer(int code) {
        return levels.length == 0 ? code : levels[code] & 255;
    }

    /**
     * Columns whose products with activations of -127..127 fit in a 16-bit lane: so many are added up before the sum is
     * widened.
     */
    public int laneColumns() {
        return laneColumns;
    }

    /** Whether products of many rows are float products of the same integers: too few columns fit in a 16-bit lane. */
    boolean unpacksToFloats() {
        return laneColumns == 2;
    }

    /** What is subtracted from integers before they are multiplied in lanes; 2 bits fit as they are. */
    public int laneCenter() {
        return this == TWO ? 0 : center;
    }

    /** Whether its integers choose among levels. */
    public boolean isLookup() {
        return levels.length > 0;
    }

    /** The largest value, unsigned. */
    public int mostUnsigned() {
        int most = isLookup() ? 0 : (1 << bits) - 1;
        for (byte level : levels) {
            most = Math.max(most, level & 255);
        }
        return most;
    }

    /** The values that nibbles choose, as unsigned bytes, again and again: a vector's length of them or more. */
    public byte[] lookupTable() {
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

    /** The unsigned integer of a column (0..31) and row (0..63) of the block that starts at a byte. */
    public int get(MemorySegment tile, long block, int column, int row) {
        int first = column / groupColumns * groupWords;
        int inGroup = column % groupColumns;
        int whole = groupWords * fields;
        int code;
        if (inGroup < whole) {
            code = half(tile, block, first + inGroup / fields, row) >>> bits * (inGroup % fields);
        } else {
            int spares = 0;
            for (int word = 0; word < groupWords; word++) {
                spares |= half(tile, block, first + word, row) >>> bits * fields << spare * word;
            }
            code = spares >>> bits * (inGroup - whole);
        }
        return integer(code & (1 << bits) - 1);
    }

    /**
     * The 16 bits of a row in each word of a block.
     *
     * @param codes the row's codes of the block, from {@code at} on
     * @param lanes receives as many numbers as a block has words
     */
    public void lanes(byte[] codes, int at, int[] lanes) {
        switch (bits) { // loading packs most weights in these: straight-line code for each
            case 4 -> nibbles(codes, at, lanes);
            case 6 -> sixes(codes, at, lanes);
            case 8 -> bytes(codes, at, lanes);
            default -> fields(codes, at, lanes);
        }
    }

    private static void nibbles(byte[] codes, int at, int[] lanes) {
        for (int word = 0; word < 8; word++) {
            int four = (int) FOUR_BYTES.get(codes, at + 4 * word);
            int pairs = (four | four >>> 4) & 0x00ff00ff;
            lanes[word] = (pairs | pairs >>> 8) & 0xffff;
        }
    }

    private static void sixes(byte[] codes, int at, int[] lanes) {
        for (int group = 0; group < 4; group++) {
            int first = (int) FOUR_BYTES.get(codes, at + 8 * group);
            int second = (int) FOUR_BYTES.get(codes, at + 8 * group + 4);
            int spares = second >>> 16 & 63 | (second >>> 24 & 63) << 6;
            lanes[3 * group] = first & 63 | (first >>> 8 & 63) << 6 | (spares & 15) << 12;
            lanes[3 * group + 1] = first >>> 16 & 63 | (first >>> 24 & 63) << 6 | (spares >>> 4 & 15) << 12;
            lanes[3 * group + 2] = second & 63 | (second >>> 8 & 63) << 6 | (spares >>> 8 & 15) << 12;
        }
    }

    private static void bytes(byte[] codes, int at, int[] lanes) {
        for (int pair = 0; pair < 8; pair++) {
            int four = (int) FOUR_BYTES.get(codes, at + 4 * pair);
            lanes[2 * pair] = four & 0xffff;
            lanes[2 * pair + 1] = four >>> 16;
        }
    }

    private void fields(byte[] codes, int at, int[] lanes) {
        int column = at;
        for (int group = 0; group < words; group += groupWords) {
            int spares = 0;
            for (int i = groupWords * fields; i < groupColumns; i++) {
                spares |= codes[column + i] << bits * (i - groupWords * fields);
            }
            for (int word = 0; word < groupWords; word++) {
                int lane = spare == 0 ? 0 : (spares >>> spare * word & (1 << spare) - 1) << bits * fields;
                for (int field = 0; field < fields; field++) {
                    lane |= codes[column + word * fields + field] << bits * field;
                }
                lanes[group + word] = lane;
            }
            column += groupColumns;
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

    /** The int of a word that holds the lane of a row; its low 16 bits, or its high ones for rows 16 to 31 of a half. */
    public static int intOf(int row) {
        return row / HALF_ROWS * HALF_WORD + row % HALF_WORD;
    }

    /** The row that the low 16 bits of int {@code j} of a word belong to; the high ones belong to the 16th after it. */
    public static int row(int j) {
        return j / HALF_WORD * HALF_ROWS + j % HALF_WORD;
    }

    private static long at(long block, int word, int row) {
        return block + 4L * (word * WORD + intOf(row));
    }
}
