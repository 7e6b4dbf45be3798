package dev.lathe.compress.prune;

import dev.lathe.tensor.Workers;

/**
 * The factor L of a symmetric positive definite matrix A = L Lᵀ, in float64, and what is made of it. Each element is one sum
 * in a fixed order, so the threads change no bit. Immutable once made.
 */
final class Cholesky {
    private static final int PARTS_A_THREAD = 4;
    private static final int SMALL = 64;

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
    static Cholesky of(double[] a, int size, Workers workers) {
        Cholesky factor = new Cholesky(a, size, workers);
        for (int k = 0; k < size; k++) {
            double pivot = a[k * size + k];
            if (!(pivot > 0)) {
                throw new ArithmeticException(
                        "matrix of " + size + " is not positive definite: pivot " + k + " is " + pivot);
            }
            factor.eliminate(k, Math.sqrt(pivot));
        }
        return factor;
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
    void solveRows(double[] rows, int count) {
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
    double[] inverse() {
        double[] result = new double[size * size];
        for (int i = 0; i < size; i++) {
            result[i * size + i] = 1;
        }
        solveRows(result, size);
        return result;
    }

    /** The inverse of L, [size x size], lower triangular. */
    double[] inverseFactor() {
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
