package dev.lathe.tensor.kernel;

/**
 * Rows of activations as 8-bit integers in blocks of 32, the partner of every quantized weight.
 *
 * <p>For a block with largest magnitude m: {@code scale = m / 127}, {@code value = rint(x * (127 / m))}. A block with a
 * number that is not finite gets the scale NaN, so that every output says so. Arrays are reused; one owner.
 */
public final class QuantizedRows {
    /** Values, [rows x columns]. */
    public final short[] values;
    /** The same values as floats, for the products of many rows. */
    public final float[] floats;
    /** One scale for 32 columns, [rows x columns / 32]. */
    public final float[] scales;
    /** Sums of the values of 16 columns, [rows x columns / 16]. */
    public final int[] sums;
    /** -128 times the sum of two neighbours, [rows x columns / 2]. */
    public final short[] pairs;
    /** Length of a row. */
    public final int columns;

    /** Room for so many rows; columns must be a multiple of 32. */
    public QuantizedRows(int capacity, int columns) {
        this.columns = columns;
        values = new short[capacity * columns];
        floats = new float[capacity * columns];
        scales = new float[capacity * columns / 32];
        sums = new int[capacity * columns / 16];
        pairs = new short[capacity * columns / 2];
    }

    /** Room for the rows of one product, which reads more of them by fours. */
    public static QuantizedRows forProduct(int rows, int columns) {
        return new QuantizedRows(QuantizedProduct.readsIntegers(rows) ? rows : rows + 3 & ~3, columns);
    }

    private QuantizedRows(QuantizedRows memory, int columns) {
        this.columns = columns;
        values = memory.values;
        floats = memory.floats;
        scales = memory.scales;
        sums = memory.sums;
        pairs = memory.pairs;
    }

    /** The same memory for as many rows of fewer columns, a multiple of 32. */
    public QuantizedRows withColumns(int columns) {
        return new QuantizedRows(this, columns);
    }

    /**
     * Copies whole blocks of 32: what {@link QuantizedProduct} reads of a product of so many rows.
     *
     * @param rows of the product
     * @param at index of the first value to write, a multiple of 32
     * @param source where to read
     * @param from index of the first value to read, a multiple of 32
     * @param count values, a multiple of 32
     */
    public void copy(int rows, int at, QuantizedRows source, int from, int count) {
        if (QuantizedProduct.readsIntegers(rows)) {
            System.arraycopy(source.values, from, values, at, count);
            System.arraycopy(source.pairs, from / 2, pairs, at / 2, count / 2);
        } else {
            System.arraycopy(source.floats, from, floats, at, count);
        }
        System.arraycopy(source.sums, from / 16, sums, at / 16, count / 16);
        System.arraycopy(source.scales, from / 32, scales, at / 32, count / 32);
    }

    /** Sum of the values of 16 or 32 columns from {@code at} on. */
    int sum(int at, int width) {
        return width == 16 ? sums[at / 16] : sums[at / 16] + sums[at / 16 + 1];
    }

    /** Quantizes one row of floats into row {@code row}. */
    public void set(int row, float[] source, int offset) {
        for (int block = 0; block < columns / 32; block++) {
            setBlock(row * (columns / 32) + block, source, offset + 32 * block);
        }
    }

    private void setBlock(int block, float[] source, int offset) {
        int first = 32 * block;
        int most = 0; // bits of magnitudes are ordered as they are; NaN is above all
        int most2 = 0; // two maxima: the processor finds them side by side
        for (int i = 0; i < 32; i += 2) {
            most = Math.max(most, Float.floatToRawIntBits(source[offset + i]) & Integer.MAX_VALUE);
            most2 = Math.max(most2, Float.floatToRawIntBits(source[offset + i + 1]) & Integer.MAX_VALUE);
        }
        float largest = Float.intBitsToFloat(Math.max(most, most2));
        boolean finite = largest < Float.POSITIVE_INFINITY;
        float inverse = finite && largest >= 0x1p-120f ? 127f / largest : 0f;
        scales[block] = finite ? largest / 127f : Float.NaN;
        for (int half = 0; half < 2; half++) {
            int sum = 0;
            for (int i = 16 * half; i < 16 * half + 16; i += 2) {
                float a = source[offset + i] * inverse + 12582912f - 12582912f; // rounds half to even
                float b = source[offset + i + 1] * inverse + 12582912f - 12582912f;
                floats[first + i] = a;
                floats[first + i + 1] = b;
                int pair = (int) a + (int) b;
                values[first + i] = (short) a;
                values[first + i + 1] = (short) b;
                pairs[(first + i) / 2] = (short) (-128 * pair);
                sum += pair;
            }
            sums[2 * block + half] = sum;
        }
    }
}
