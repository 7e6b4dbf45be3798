package dev.lathe.tensor.kernel;

/**
 * Rows of activations as small integers in blocks of 32, the partner of the weights of one {@link IntegerPlane}.
 *
 * <p>The integers are as fine as the 16-bit lanes allow in which kernels add products up. Of the plane's lanes of a block
 * (one of 32 columns for weights of 4 bits, 16 of two columns for 8 bits), let m be the largest sum of magnitudes and s the
 * plane's {@link IntegerPlane#activationSum}: {@code scale = m / s}, {@code value = rint(x * (s / m))}. A block whose numbers
 * are all of one size gets 7 bits and a sign (6 for weights of 6 bits), as in other engines; the more they differ, the finer they
 * are. A block with a
 * number that is not finite gets the scale NaN, so that every output says so. Arrays are reused; one owner.
 */
public final class QuantizedRows {
    /** Values, [rows x columns]. */
    public final short[] values;
    /** The same values as floats, for the products of many rows with 8-bit weights; empty for others. */
    public final float[] floats;
    /** One scale for 32 columns, [rows x columns / 32]. */
    public final float[] scales;
    /** Sums of the values of 16 columns, [rows x columns / 16]. */
    public final int[] sums;
    /** Minus the plane's center times the sum of two neighbours, modulo 2^16, [rows x columns / 2]. */
    public final short[] pairs;
    /**
     * For weights of 4 bits, each value minus 16 times the one before it in its word, modulo 2^16, [rows x columns]; empty for
     * others.
     */
    public final short[] differences;
    /** Length of a row. */
    public final int columns;

    /** Sums below this are taken for zero: what they are divided by would not be finite. */
    private static final double LEAST = 0x1p-110;

    private final IntegerPlane plane;

    /** Room for so many rows for weights of a plane; columns must be a multiple of 32. */
    public QuantizedRows(IntegerPlane plane, int capacity, int columns) {
        this.plane = plane;
        this.columns = columns;
        values = new short[capacity * columns];
        floats = new float[plane.unpacksToFloats() ? capacity * columns : 0];
        scales = new float[capacity * columns / 32];
        sums = new int[capacity * columns / 16];
        pairs = new short[capacity * columns / 2];
        differences = new short[plane == IntegerPlane.FOUR ? capacity * columns : 0];
    }

    /** Room for the rows of one product with weights of the same plane, which reads more of them by fours. */
    public QuantizedRows forProduct(int rows, int columns) {
        return new QuantizedRows(plane, rows + 3 & ~3, columns);
    }

    private QuantizedRows(QuantizedRows memory, int columns) {
        this.plane = memory.plane;
        this.columns = columns;
        values = memory.values;
        floats = memory.floats;
        scales = memory.scales;
        sums = memory.sums;
        pairs = memory.pairs;
        differences = memory.differences;
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
        if (QuantizedProduct.readsFloats(plane, rows)) {
            System.arraycopy(source.floats, from, floats, at, count);
        } else {
            System.arraycopy(source.values, from, values, at, count);
            System.arraycopy(source.pairs, from / 2, pairs, at / 2, count / 2);
        }
        if (differences.length > 0) {
            System.arraycopy(source.differences, from, differences, at, count);
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
        double most = largestSum(source, offset);
        boolean finite = most < Double.POSITIVE_INFINITY;
        float inverse = finite && most >= LEAST ? (float) (plane.activationSum() / most) : 0f;
        scales[block] = finite ? (float) (most / plane.activationSum()) : Float.NaN;
        int minusCenter = -plane.center();
        for (int half = 0; half < 2; half++) {
            int sum = 0;
            for (int i = 16 * half; i < 16 * half + 16; i += 2) {
                float a = source[offset + i] * inverse + 12582912f - 12582912f; // rounds half to even
                float b = source[offset + i + 1] * inverse + 12582912f - 12582912f;
                if (floats.length > 0) {
                    floats[first + i] = a;
                    floats[first + i + 1] = b;
                }
                int pair = (int) a + (int) b;
                values[first + i] = (short) a;
                values[first + i + 1] = (short) b;
                pairs[(first + i) / 2] = (short) (minusCenter * pair);
                sum += pair;
            }
            sums[2 * block + half] = sum;
        }
        for (int i = first; i < Math.min(first + 32, differences.length); i++) {
            differences[i] = (short) (i % 4 == 0 ? values[i] : values[i] - 16 * values[i - 1]);
        }
    }

    /** The largest sum of magnitudes of a lane's columns of a block; NaN and infinity stay. */
    private double largestSum(float[] source, int offset) {
        int width = plane.laneColumns();
        double most = 0;
        for (int lane = 0; lane < 32; lane += width) {
            double even = 0; // two sums: the processor adds them side by side
            double odd = 0;
            for (int i = lane; i < lane + width; i += 2) {
                even += Math.abs(source[offset + i]);
                odd += Math.abs(source[offset + i + 1]);
            }
            most = Math.max(most, even + odd);
        }
        return most;
    }
}
