package dev.lathe.tensor.kernel;

/**
 * The elements of a row of activations that are not zero, for products of plain numbers that read no other columns of the
 * weights: a column of a tile lies together, so it costs neither time nor memory traffic. Sums are those of the whole row, to
 * the bit: adding zero times a finite weight changes no sum but the sign of one that is zero. What a weight that is infinite
 * or no number would have made of a zero is not seen.
 *
 * <p>Memory that is filled anew for each row; one thread fills it, many may read.
 */
public final class ActiveColumns {
    /** Ints that may be read after the last offset: kernels look ahead. */
    public static final int AHEAD = 16;

    private final int columnBytes;
    private final int columns;
    private final int[] offsets;
    private final float[] values;
    private int count;

    /** Room for rows of so many columns. */
    public ActiveColumns(FloatPlane plane, int columns) {
        columnBytes = plane.columnBytes();
        this.columns = columns;
        offsets = new int[columns + AHEAD];
        values = new float[columns];
    }

    /**
     * Lists the elements of a row.
     *
     * @param row of which the first elements are taken, one for each column
     * @return this
     */
    public ActiveColumns list(float... row) {
        int listed = 0;
        for (int column = 0; column < columns; column++) { // without a branch, which nobody could predict
            float value = row[column];
            offsets[listed] = column * columnBytes;
            values[listed] = value;
            listed += value == 0 ? 0 : 1;
        }
        count = listed;
        return this;
    }

    /** Columns of the whole row. */
    public int columns() {
        return columns;
    }

    /** How many elements are not zero. */
    public int count() {
        return count;
    }

    /** Where the column of each begins in a tile, in bytes; the first {@link #count} are valid. Not to be changed. */
    public int[] offsets() {
        return offsets;
    }

    /** Each element; the first {@link #count} are valid. Not to be changed. */
    public float[] values() {
        return values;
    }
}
