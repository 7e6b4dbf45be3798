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
        float largest = 0;
        for (int i = 0; i < 32; i++) {
            largest = Math.max(largest, Math.abs(source[offset + i])); // NaN stays
        }
        boolean finite = largest < Float.POSITIVE_INFINITY;
        float inverse = finite && largest >= 0x1p-120f ? 127f / largest : 0f;
        scales[block] = finite ? largest / 127f : Float.NaN;
        for (int i = 0; i < 32; i++) {
            floats[first + i] = source[offset + i] * inverse + 12582912f - 12582912f; // rounds half to even
        }
        for (int i = 0; i < 32; i++) {
            values[first + i] = (short) floats[first + i];
        }
        for (int i = 0; i < 16; i++) {
            pairs[first / 2 + i] = (short) (-128 * (values[first + 2 * i] + values[first + 2 * i + 1]));
        }
        int low = 0;
        int high = 0;
        for (int i = 0; i < 16; i++) {
            low += values[first + i];
            high += values[first + 16 + i];
        }
        sums[2 * block] = low;
        sums[2 * block + 1] = high;
    }
}
