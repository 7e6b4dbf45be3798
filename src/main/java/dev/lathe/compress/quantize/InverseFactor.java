package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.Workers;

/**
 * The upper triangular U with H⁻¹ = Uᵀ U, where H is the Gram matrix of a matrix's inputs with a share of its mean diagonal
 * added to the diagonal: what a rounding error in one column does to the best values of the columns right of it. In float64;
 * each element is one sum in a fixed order, so the threads change no bit.
 */
final class InverseFactor {
    /** Share of the mean of the diagonal that is added to it, as in the method's own code. */
    private static final double DAMPING = 0.01;

    private static final int PARTS_A_THREAD = 4;

    private final int size;
    private final double[] upper; // [size x size]

    private InverseFactor(int size, double[] upper) {
        this.size = size;
        this.upper = upper;
    }

    /**
     * Factors a Gram matrix.
     *
     * @throws ArithmeticException if it is not finite
     */
    static InverseFactor of(GramMatrix gram, Workers workers) {
        int size = gram.size();
        double[] lower = reversedDamped(gram);
        for (int column = 0; column < size; column++) {
            eliminate(lower, size, column, workers);
        }
        double[] upper = new double[size * size];
        inParts(size, workers, column -> invertColumn(lower, size, column, upper));
        return new InverseFactor(size, upper);
    }

    /** H with rows and columns from last to first: its lower factor, turned back, is upper triangular. */
    private static double[] reversedDamped(GramMatrix gram) {
        double[] h = gram.toArray();
        int size = gram.size();
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += h[i * size + i];
        }
        double damping = trace > 0 ? DAMPING * trace / size : 1;
        double[] reversed = new double[h.length];
        for (int i = 0; i < h.length; i++) {
            reversed[i] = h[h.length - 1 - i];
        }
        for (int i = 0; i < size; i++) {
            reversed[i * size + i] += damping;
        }
        return reversed;
    }

    /** One step of Cholesky's method. */
    private static void eliminate(double[] a, int size, int k, Workers workers) {
        double pivot = a[k * size + k];
        if (!(pivot > 0) || Double.isInfinite(pivot)) {
            throw new ArithmeticException("a Gram matrix of " + size + " inputs has the pivot " + pivot
                    + ": the model's activations on the calibration text are not finite");
        }
        double root = Math.sqrt(pivot);
        a[k * size + k] = root;
        double[] column = new double[size];
        for (int i = k + 1; i < size; i++) {
            a[i * size + k] /= root;
            column[i] = a[i * size + k];
        }
        inParts(size - k - 1, workers, part -> {
            int row = k + 1 + part;
            double factor = column[row];
            int line = row * size;
            for (int j = k + 1; j <= row; j++) {
                a[line + j] -= factor * column[j];
            }
        });
    }

    /** A column of the factor's inverse, turned back into its place in U. */
    private static void invertColumn(double[] lower, int size, int column, double[] upper) {
        double[] x = new double[size];
        x[column] = 1 / lower[column * size + column];
        for (int i = column + 1; i < size; i++) {
            double sum = 0;
            for (int j = column; j < i; j++) {
                sum -= lower[i * size + j] * x[j];
            }
            x[i] = sum / lower[i * size + i];
        }
        for (int i = column; i < size; i++) {
            upper[(size - 1 - i) * size + size - 1 - column] = x[i];
        }
    }

    @FunctionalInterface
    private interface Line {
        void run(int index);
    }

    private static void inParts(int count, Workers workers, Line line) {
        int parts = Math.min(count, workers.count() == 1 ? 1 : workers.count() * PARTS_A_THREAD);
        if (parts <= 1) {
            for (int i = 0; i < count; i++) {
                line.run(i);
            }
            return;
        }
        workers.run(parts, part -> {
            for (int i = part; i < count; i += parts) {
                line.run(i);
            }
        });
    }

    int size() {
        return size;
    }

    /** U at a place of its diagonal. */
    double diagonal(int column) {
        return upper[column * size + column];
    }

    /** Subtracts a multiple of the part of a line of U right of the diagonal. */
    void subtract(double factor, int line, double[] from) {
        int offset = line * size;
        for (int column = line + 1; column < size; column++) {
            from[column] -= factor * upper[offset + column];
        }
    }

    /**
     * The damped squared error that a change of a row of weights makes in the outputs: the sum over all inputs, xᵀ H x for the
     * change x.
     *
     * @param change spoiled when this returns
     */
    double squaredError(double[] change) {
        double total = 0;
        for (int column = 0; column < size; column++) { // y with yᵀ U = xᵀ, then yᵀ y
            double y = change[column] / diagonal(column);
            total += y * y;
            subtract(y, column, change);
        }
        return total;
    }
}
