package dev.lathe.tensor;

/**
 * Rows of float32 activations, one row a token, dense and row major.
 *
 * <p>Shape {@code [rows x columns]}; element (r, c) is {@code data[r * columns + c]}. The array is shared, not copied: its
 * owner says how long it stays valid. Not thread-safe.
 *
 * @param data the elements; its length is at least {@code rows * columns}
 * @param rows number of rows
 * @param columns length of each row
 */
public record FloatMatrix(float[] data, int rows, int columns) {
    /** Checks that the array holds all rows. */
    public FloatMatrix {
        if (rows < 0 || columns < 0 || (long) rows * columns > data.length) {
            throw new IllegalArgumentException(
                    "matrix of [" + rows + " x " + columns + "] does not fit in an array of " + data.length);
        }
    }

    /** A new matrix of zeros. */
    public static FloatMatrix zeros(int rows, int columns) {
        return new FloatMatrix(new float[Math.multiplyExact(rows, columns)], rows, columns);
    }

    /** Index in {@link #data()} of the first element of a row. */
    public int offset(int row) {
        return row * columns;
    }

    /** The element at a row and column. */
    public float get(int row, int column) {
        return data[row * columns + column];
    }

    /** A copy of one row. */
    public float[] row(int row) {
        return java.util.Arrays.copyOfRange(data, offset(row), offset(row) + columns);
    }
}
