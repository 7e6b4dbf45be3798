package dev.lathe.tensor.kernel;

/**
 * Keys or values of one head as small signed integers, in blocks of 32 with a scale of half precision. The last block of
 * a head whose size 32 does not divide is short.
 *
 * <p>A block is that of ggml's Q8_0 or Q4_0, in other places: an integer times its scale is exact in float32, so whoever
 * unpacks gets the same bits. A scale beyond half precision is cut to its largest number; a block with a number that is
 * not finite gets the scale NaN, so that every result says so.
 *
 * <p>Keys lie in tiles of {@link AttentionKernels#TILE} positions: an int holds neighbouring dimensions of one position,
 * lowest bits first, and the positions of a tile are neighbours. Values lie in rows: a block is 8 columns of 4 numbers,
 * and column j holds the dimensions j, j + 8, j + 16 and j + 24. Every int belongs to one position.
 */
public enum CacheBlocks {
    /** -127..127: {@code scale = largest magnitude / 127}. */
    EIGHT(8),
    /** -8..7: {@code scale = the number of largest magnitude / -8}. */
    FOUR(4);

    /** Numbers that share a scale. */
    public static final int SIZE = 32;

    /** Columns of a block of values. */
    public static final int COLUMNS = 8;

    private static final int TILE = AttentionKernels.TILE;
    private static final float MAX_HALF = 65504f;

    private final int bits;

    CacheBlocks(int bits) {
        this.bits = bits;
    }

    /** Bits of one integer. */
    public int bits() {
        return bits;
    }

    /** Scales of a head of {@code size} dimensions. */
    public static int scales(int size) {
        return (size + SIZE - 1) / SIZE;
    }

    /** Ints of one position's key. */
    public int keyInts(int size) {
        return (size + dimensionsPerInt() - 1) / dimensionsPerInt();
    }

    /** Ints of one position's value. */
    public int valueInts(int size) {
        return scales(size) * blockInts();
    }

    /** Ints of one whole block. */
    public int blockInts() {
        return SIZE * bits / Integer.SIZE;
    }

    /** Integers in one int. */
    public int dimensionsPerInt() {
        return Integer.SIZE / bits;
    }

    /**
     * Stores a key.
     *
     * @param words [keyInts x TILE], the position's first int at {@code at}
     * @param scales [scales x TILE], the position's first scale at {@code scaleAt}
     */
    public void writeKey(float[] key, int from, int size, int[] words, int at, short[] scales, int scaleAt) {
        for (int i = 0; i < keyInts(size); i++) {
            words[at + i * TILE] = 0;
        }
        for (int block = 0; block < scales(size); block++) {
            int first = block * SIZE;
            int end = Math.min(size, first + SIZE);
            float scale = scale(key, from + first, from + end);
            scales[scaleAt + block * TILE] = Float.floatToFloat16(scale);
            float inverse = inverse(scale);
            for (int d = first; d < end; d++) {
                int shift = d % dimensionsPerInt() * bits;
                words[at + d / dimensionsPerInt() * TILE] |= field(key[from + d] * inverse) << shift;
            }
        }
    }

    /**
     * Stores a value.
     *
     * @param words the position's {@code valueInts} ints from {@code at} on
     * @param scales its scales from {@code scaleAt} on
     */
    public void writeValue(float[] value, int from, int size, int[] words, int at, short[] scales, int scaleAt) {
        for (int i = 0; i < valueInts(size); i++) {
            words[at + i] = 0;
        }
        for (int block = 0; block < scales(size); block++) {
            int first = block * SIZE;
            int count = Math.min(size - first, SIZE);
            float scale = scale(value, from + first, from + first + count);
            scales[scaleAt + block] = Float.floatToFloat16(scale);
            float inverse = inverse(scale);
            for (int d = 0; d < count; d++) {
                words[at + block * blockInts() + valueInt(d)] |=
                        field(value[from + first + d] * inverse) << valueShift(d);
            }
        }
    }

    /** Which int of a block of values holds dimension {@code d} of it. */
    public int valueInt(int d) {
        return d % COLUMNS * 4 * bits / Integer.SIZE;
    }

    /** Where in it. */
    public int valueShift(int d) {
        return d % COLUMNS * 4 * bits % Integer.SIZE + d / COLUMNS * bits;
    }

    /** The integer at a shift of an int. */
    public int get(int word, int shift) {
        return word << Integer.SIZE - bits - shift >> Integer.SIZE - bits;
    }

    private float scale(float[] values, int from, int to) {
        float largest = 0;
        for (int i = from; i < to; i++) {
            if (!Float.isFinite(values[i])) {
                return Float.NaN;
            }
            largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
        }
        float scale = this == EIGHT ? Math.abs(largest) / 127 : largest / -8;
        return Math.clamp(scale, -MAX_HALF, MAX_HALF);
    }

    /** 0 where the scale is NaN, or nothing at half precision. */
    private static float inverse(float scale) {
        float stored = Float.float16ToFloat(Float.floatToFloat16(scale));
        return Math.abs(stored) > 0 ? 1 / scale : 0;
    }

    private int field(float scaled) {
        float magnitude = Math.abs(scaled) + 0.5f; // rounds half away from zero
        int integer = this == EIGHT
                ? (int) Math.copySign(Math.min(127f, magnitude), scaled)
                : Math.min(15, (int) (Math.max(0f, scaled + 8.5f))) - 8;
        return integer & (1 << bits) - 1;
    }
}
