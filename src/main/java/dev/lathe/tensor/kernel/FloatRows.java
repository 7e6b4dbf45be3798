package dev.lathe.tensor.kernel;

import java.util.Optional;

/**
 * Rows of activations as the weights of a {@link FloatPlane} take them.
 *
 * <p>A few rows come times the plane's scale, which so need not be multiplied with every weight; it is a power of two, so no
 * bit of a product changes. Many rows are multiplied with weights that are unpacked, as are those that the scale would push
 * out of the range of floats: they come as they are.
 *
 * @param values the rows, with room for the next multiple of four
 * @param scaled whether they come times the scale
 * @param active of a single row that is scaled: the elements that are not zero
 */
public record FloatRows(float[] values, boolean scaled, Optional<ActiveColumns> active) {
    /** Up to here converting weights for every four rows is cheaper than unpacking them once. */
    private static final int MOST_SCALED = 16;

    /** Rows of which all elements count. */
    public FloatRows(float[] values, boolean scaled) {
        this(values, scaled, Optional.empty());
    }

    /** Floats that {@link #of} needs as working memory. */
    public static int bufferSize(FloatPlane plane, int capacityRows, int columns) {
        return plane.scale() == 1 ? 0 : Math.min(capacityRows, MOST_SCALED) * columns;
    }

    /**
     * Rows for a plane.
     *
     * @param plane of the weights
     * @param x the rows
     * @param rows how many
     * @param columns length of a row
     * @param buffer {@link #bufferSize} floats, which the result may hold on to
     */
    public static FloatRows of(FloatPlane plane, float[] x, int rows, int columns, float[] buffer) {
        if (rows > MOST_SCALED || plane.scale() == 1) {
            return new FloatRows(x, rows <= MOST_SCALED);
        }
        float scale = plane.scale();
        for (int i = 0; i < rows * columns; i++) {
            buffer[i] = x[i] * scale;
        }
        for (int i = 0; i < rows * columns; i++) {
            if (!(Math.abs(buffer[i]) <= Float.MAX_VALUE)) {
                return new FloatRows(x, false);
            }
        }
        return new FloatRows(buffer, true);
    }
}
