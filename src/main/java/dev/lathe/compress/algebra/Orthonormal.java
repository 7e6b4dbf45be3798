package dev.lathe.compress.algebra;

import java.util.SplittableRandom;

/** Orthonormal columns. */
public final class Orthonormal {
    /** A column whose rest is below this share of its length lies in the span of those before it. */
    private static final double NEGLIGIBLE = 1e-13;

    private Orthonormal() {}

    /** Independent normal numbers [rows x columns]; the same seed gives the same bits. */
    public static Matrix gaussian(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Matrix result = Matrix.zeros(rows, columns);
        for (int i = 0; i < result.data().length; i += 2) { // Box and Muller
            double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
            double angle = 2 * Math.PI * random.nextDouble();
            result.data()[i] = radius * StrictMath.cos(angle);
            if (i + 1 < result.data().length) {
                result.data()[i + 1] = radius * StrictMath.sin(angle);
            }
        }
        return result;
    }

    /** A rotation drawn uniformly from all [size x size]; the same seed gives the same bits. */
    public static Matrix random(int size, long seed) {
        return columns(gaussian(size, size, seed));
    }

    /**
     * An orthonormal basis of the columns, in their order, by Gram and Schmidt done twice. A column in the span of those before
     * it becomes zero.
     */
    public static Matrix columns(Matrix matrix) {
        Matrix rows = matrix.transpose(); // a vector a row
        int length = rows.columns();
        double[] data = rows.data();
        for (int i = 0; i < rows.rows(); i++) {
            double before = Math.sqrt(dot(data, i, i, length));
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    double along = dot(data, i, j, length);
                    for (int k = 0; k < length; k++) {
                        data[i * length + k] -= along * data[j * length + k];
                    }
                }
            }
            double after = Math.sqrt(dot(data, i, i, length));
            double inverse = after > NEGLIGIBLE * before ? 1 / after : 0;
            for (int k = 0; k < length; k++) {
                data[i * length + k] *= inverse;
            }
        }
        return rows.transpose();
    }

    private static double dot(double[] data, int left, int right, int length) {
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += data[left * length + k] * data[right * length + k];
        }
        return sum;
    }
}
