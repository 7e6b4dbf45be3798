package dev.lathe.compress.algebra;

/** Square roots of positive definite matrices. */
public final class Cholesky {
    /** Added to the diagonal, relative to its mean, so that a direction that no text uses still counts a little. */
    private static final double DAMPING = 1e-8;

    private Cholesky() {}

    /**
     * The lower factor S of {@code symmetric + d I = S Sᵀ}, with a small d that makes it positive definite: it begins at 1e-8
     * of the mean of the diagonal and grows tenfold as long as a pivot is not positive.
     *
     * @param symmetric positive semidefinite up to rounding; not changed
     * @throws ArithmeticException if it has elements that are not finite
     */
    public static Matrix damped(Matrix symmetric) {
        int size = symmetric.rows();
        double mean = 0;
        for (int i = 0; i < size; i++) {
            mean += symmetric.get(i, i) / size;
        }
        if (!(mean >= 0) || Double.isInfinite(mean)) {
            throw new ArithmeticException(
                    "a Gram matrix has a diagonal with the mean " + mean + ": the model's activations are not finite");
        }
        double base = mean == 0 ? 1 : mean;
        for (double damping = DAMPING; damping < 1; damping *= 10) {
            Matrix factor = factor(symmetric, damping * base);
            if (factor != null) {
                return factor;
            }
        }
        throw new ArithmeticException("a Gram matrix of " + size + " is not positive semidefinite");
    }

    /** The factor, or null where a pivot is not positive. */
    private static Matrix factor(Matrix symmetric, double added) {
        int size = symmetric.rows();
        Matrix lower = Matrix.zeros(size, size);
        double[] s = lower.data();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = symmetric.get(i, j);
                for (int k = 0; k < j; k++) {
                    sum -= s[i * size + k] * s[j * size + k];
                }
                if (i > j) {
                    s[i * size + j] = sum / s[j * size + j];
                } else if (sum + added > 0) {
                    s[i * size + i] = Math.sqrt(sum + added);
                } else {
                    return null;
                }
            }
        }
        return lower;
    }
}
