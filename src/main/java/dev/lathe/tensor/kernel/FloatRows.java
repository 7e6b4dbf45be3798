package dev.lathe.tensor.kernel;

import java.util.Optional;

/**
 * Rows of activations as the weights of a {@link FloatPlane} take them.
 *
 * <p>Rows come times the plane's scale, which so need not be multiplied with every weight; it is a power of two, so no
 * bit of a product changes. More rows than {@link FloatProduct#mostPackedRows} are multiplied with weights that are
 * unpacked, as are those that the scale would push out of the range of floats: they come as they are.
 *
 * @param values the rows, with room for the next multiple of four
 * @param scaled whether they come times the scale
 * @param active of a single row that is scaled: the elements that are not zero
 */
public record FloatRows(float[] values, boolean scaled, Optional<ActiveColumns> active) {
    /** Rows of which all elements count. */
    public FloatRows(float[] values, boolean scaled) {
        this(values, scaled, Optional.empty());
    }

    /**
     * Multiplies numbers by the scale of a plane.
     *
     * @return whether all are in the range of floats
     */
    public static boolean scale(FloatPlane plane, float[] x, int from, int to, float[] target) {
        float scale = plane.scale();
        for (int i = from; i < to; i++) {
            target[i] = x[i] * scale;
        }
        for (int i = from; i < to; i++) {
            if (!(Math.abs(target[i]) <= Float.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }
}
