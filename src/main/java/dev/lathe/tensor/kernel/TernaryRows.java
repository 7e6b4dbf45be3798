package dev.lathe.tensor.kernel;

/**
 * Rows of activations as 8-bit integers with one scale a row, the partner of ternary weights.
 *
 * <p>For a row with largest magnitude m: {@code scale = max(m, 1e-5) / 127}, {@code value = rint(x / scale)}. A row with a
 * number that is not finite gets the scale NaN, so that every output says so. Arrays are reused; one owner.
 */
public final class TernaryRows {
    private static final float LEAST = 1e-5f;
    private static final float ROUNDER = 12582912f; // adding and subtracting it rounds half to even

    /** Values, [rows x stride]; what is after the columns is zero. */
    final short[] values;
    /** One scale a row. */
    final float[] scales;
    /** Columns, rounded up to whole words. */
    final int stride;

    private final int columns;

    /** Room for so many rows. */
    public TernaryRows(int capacity, int columns) {
        this.columns = columns;
        stride = TernaryProduct.words(columns) * TernaryProduct.WORD_COLUMNS;
        values = new short[Math.multiplyExact(capacity, stride)];
        scales = new float[capacity];
    }

    /** Quantizes one row of floats into row {@code row}. */
    public void set(int row, float[] source, int offset) {
        float largest = LEAST;
        for (int i = 0; i < columns; i++) {
            largest = Math.max(largest, Math.abs(source[offset + i])); // NaN stays
        }
        boolean finite = largest < Float.POSITIVE_INFINITY;
        float inverse = finite ? 127 / largest : 0;
        scales[row] = finite ? largest / 127 : Float.NaN;
        for (int i = 0; i < columns; i++) {
            values[row * stride + i] = (short) (source[offset + i] * inverse + ROUNDER - ROUNDER);
        }
    }
}
