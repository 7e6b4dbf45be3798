package dev.lathe.compress.algebra;

import dev.lathe.tensor.Workers;

/**
 * The factor L of a symmetric positive definite matrix A = L Lᵀ, in float64, and what is made of it. Each element is one sum
 * in a fixed order, so the threads change no bit. Immutable once made.
 */
public final class Cholesky {
    private static final int PARTS_A_THREAD = 4;
    private static final int SMALL = 64;

    /** Added to the diagonal, relative to its mean, so that a direction that no text uses still counts a little. */
    private static final double DAMPING = 1e-8;

    private final double[] l; // [size x size], lower triangle
    private final int size;
    private final Workers workers;

    private Cholesky(double[] l, int size, Workers workers) {
        this.l = l;
        this.size = size;
        this.workers = workers;
    }

    /**
     * Factors a matrix.
     *
     * @param a [size x size], of which the lower triangle is read; becomes the factor
     * @throws ArithmeticException if it is not positive definite
     */
    public static Cholesky of(double[] a, int size, Workers workers) {
        Cholesky factor = new Cholesky(a, size, workers);
        int failed = factor.factor(0);
        if (failed >= 0) {
            throw new ArithmeticException("matrix of " + size + " is not positive definite: pivot " + failed + " is "
                    + a[failed * size + failed]);
        }
        return factor;
    }

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
            Cholesky factor = new Cholesky(symmetric.data().clone(), size, Workers.single());
            if (factor.factor(damping * base) < 0) {
                return new Matrix(factor.lower(), size, size);
            }
        }
        throw new ArithmeticException("a Gram matrix of " + size + " is not positive semidefinite");
    }

    /**
     * The upper triangular U with {@code A⁻¹ = Uᵀ U}: A = R Rᵀ with R upper triangular is a factor from the last row up, and U
     * is the inverse of R.
     *
     * @param a [size x size], symmetric; spoiled
     * @throws ArithmeticException if it is not positive definite
     */
    public static double[] upperFactorOfInverse(double[] a, int size, Workers workers) {
        return reversed(of(reversed(a), size, workers).inverseFactor());
    }

    /** Rows and columns from last to first. */
    private static double[] reversed(double[] matrix) {
        double[] result = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            result[i] = matrix[matrix.length - 1 - i];
        }
        return result;
    }

    /** Factors in place, with a number added to each pivot; the pivot that was not positive and finite, or -1. */
    private int factor(double added) {
        for (int k = 0; k < size; k++) {
            double pivot = l[k * size + k] + added;
            if (!(pivot > 0) || Double.isInfinite(pivot)) {
                return k;
            }
            eliminate(k, Math.sqrt(pivot));
        }
        return -1;
    }

    /** A copy of the factor with zeros above its diagonal. */
    private double[] lower() {
        double[] result = new double[size * size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(l, i * size, result, i * size, i + 1);
        }
        return result;
    }

    /** Divides column k by its root and subtracts its outer product from the triangle right of it. */
    private void eliminate(int k, double root) {
        l[k * size + k] = root;
        double[] column = new double[size];
        for (int i = k + 1; i < size; i++) {
            l[i * size + k] /= root;
            column[i] = l[i * size + k];
        }
        inParts(size - k - 1, (from, to) -> {
            for (int i = k + 1 + from; i < k + 1 + to; i++) {
                double factor = column[i];
                int line = i * size;
                for (int j = k + 1; j <= i; j++) {
                    l[line + j] -= factor * column[j];
                }
            }
        });
    }

    /** Solves x A = b for rows b, in place. */
    public void solveRows(double[] rows, int count) {
        inParts(count, (from, to) -> {
            for (int row = from; row < to; row++) {
                solve(rows, row * size);
            }
        });
    }

    private void solve(double[] x, int at) {
        for (int i = 0; i < size; i++) { // L y = b
            double sum = x[at + i];
            int line = i * size;
            for (int j = 0; j < i; j++) {
                sum -= l[line + j] * x[at + j];
            }
            x[at + i] = sum / l[line + i];
        }
        for (int i = size - 1; i >= 0; i--) { // Lᵀ x = y
            double value = x[at + i] / l[i * size + i];
            x[at + i] = value;
            int line = i * size;
            for (int j = 0; j < i; j++) {
                x[at + j] -= l[line + j] * value;
            }
        }
    }

    /** The inverse of A, [size x size]. */
    public double[] inverse() {
        double[] result = new double[size * size];
        for (int i = 0; i < size; i++) {
            result[i * size + i] = 1;
        }
        solveRows(result, size);
        return result;
    }

    /** The inverse of L, [size x size], lower triangular. */
    public double[] inverseFactor() {
        double[] transposed = new double[size * size]; // row c: column c of the inverse
        inParts(size, (from, to) -> {
            for (int c = from; c < to; c++) {
                int at = c * size;
                transposed[at + c] = 1 / l[c * size + c];
                for (int i = c + 1; i < size; i++) {
                    double sum = 0;
                    for (int j = c; j < i; j++) {
                        sum -= l[i * size + j] * transposed[at + j];
                    }
                    transposed[at + i] = sum / l[i * size + i];
                }
            }
        });
        double[] result = new double[size * size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                result[i * size + j] = transposed[j * size + i];
            }
        }
        return result;
    }

    private void inParts(int count, Range range) {
        int parts = count < SMALL ? 1 : workers.count() * PARTS_A_THREAD;
        if (parts == 1) {
            range.run(0, count);
            return;
        }
        workers.run(
                parts,
                part -> range.run((int) ((long) count * part / parts), (int) ((long) count * (part + 1) / parts)));
    }

    @FunctionalInterface
    private interface Range {
        void run(int from, int to);
    }
}
