package dev.lathe.tensor;

/** Input rows of linear layers, converted at most once for all of them. Not thread-safe. */
public final class Activations {
    private final FloatMatrix matrix;
    private int rows;

    /** Room for rows of a fixed length. */
    public Activations(int capacityRows, int columns) {
        matrix = FloatMatrix.zeros(capacityRows, columns);
    }

    /** The rows to fill before {@link #set}. */
    public FloatMatrix matrix() {
        return matrix;
    }

    /** Announces new content of that many rows. */
    public void set(int rows) {
        this.rows = rows;
    }

    /** Rows announced last. */
    public int rows() {
        return rows;
    }
}
