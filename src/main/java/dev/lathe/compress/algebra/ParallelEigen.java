package dev.lathe.compress.algebra;

import dev.lathe.tensor.Workers;

/**
 * Eigenvalues and eigenvectors of a large symmetric matrix, shared by threads: Householder reflections make it tridiagonal, implicit
 * QL steps with Wilkinson's shifts make that diagonal, the reflections take its eigenvectors back. Each number is computed by one
 * thread in one order, so the threads change no bit.
 *
 * <p>Golub and Van Loan, "Matrix Computations", 4th edition, 2013, sections 8.3.1 to 8.3.4. The update by one reflection and the
 * product that the next one needs go through the matrix together. Errors are a few ulps of the largest eigenvalue, also where an
 * eigenvalue itself is smaller than that.
 */
final class ParallelEigen {
    private static final double EPSILON = Math.ulp(1.0);
    private static final int MAX_STEPS = 60; // for one eigenvalue; two or three are usual
    private static final int SMALL = 64; // rows that are not worth a second thread
    private static final int PARTS_A_THREAD = 4;
    private static final int ROTATIONS_AT_ONCE = 1 << 16;
    private static final int COLUMNS_AT_ONCE = 64;
    private static final int VECTORS_AT_ONCE = 8;

    private final int size;
    private final double[] a; // [size x size]
    private final Workers workers;
    private final double[] diagonal; // eigenvalues in the end
    private final double[] beside; // beside[i] is next to diagonal[i] and diagonal[i + 1]
    private final double[][] reflections; // v of I - f v vᵀ, zero before its first element
    private final double[] factors; // f
    private final double[] vectors; // [size x size], an eigenvector in each row
    private final double[] cosines = new double[ROTATIONS_AT_ONCE];
    private final double[] sines = new double[ROTATIONS_AT_ONCE];
    private final int[] rows = new int[ROTATIONS_AT_ONCE]; // the upper of the two rows that a rotation turns
    private int rotations; // waiting to be applied
    private double negligible; // beside the diagonal: the reflections left errors of this size

    private ParallelEigen(double[] a, int size, Workers workers) {
        this.size = size;
        this.a = a;
        this.workers = workers;
        diagonal = new double[size];
        beside = new double[size];
        reflections = new double[Math.max(0, size - 2)][];
        factors = new double[reflections.length];
        vectors = Matrix.identity(size).data();
    }

    /**
     * Decomposes a matrix.
     *
     * @param symmetric exactly symmetric; not changed
     * @return in no order, an eigenvector in each row of the matrix
     */
    static SymmetricEigen of(Matrix symmetric, Workers workers) {
        int size = symmetric.rows();
        ParallelEigen eigen = new ParallelEigen(symmetric.data().clone(), size, workers);
        eigen.tridiagonalize();
        eigen.diagonalize();
        eigen.reflectBack();
        return new SymmetricEigen(eigen.diagonal, new Matrix(eigen.vectors, size, size));
    }

    /** A becomes tridiagonal by A - v wᵀ - w vᵀ for each reflection, with w = p - (f/2 pᵀv) v and p = f A v. */
    private void tridiagonalize() {
        double[] v = new double[size];
        double[] w = new double[size];
        for (int k = 0; k < size; k++) {
            update(k, k, v, w);
            diagonal[k] = a[k * size + k];
            if (k == size - 2) {
                beside[k] = a[k * size + k + 1];
            } else if (k < size - 2) {
                double[] next = reflection(k);
                double[] product = updateAndMultiply(k + 1, v, w, next);
                w = direction(k, product, next);
                v = next;
            }
        }
    }

    /** The reflection that leaves one element beside the diagonal in row k. */
    private double[] reflection(int k) {
        double[] v = new double[size];
        System.arraycopy(a, k * size + k + 1, v, k + 1, size - k - 1);
        double norm = Math.sqrt(dot(v, 0, v, k + 1, size));
        double first = v[k + 1];
        beside[k] = first > 0 ? -norm : norm;
        v[k + 1] -= beside[k];
        double squares = dot(v, 0, v, k + 1, size);
        factors[k] = squares > 0 ? 2 / squares : 0;
        reflections[k] = v;
        return v;
    }

    private double[] direction(int k, double[] product, double[] v) {
        double half = factors[k] * factors[k] / 2 * dot(product, 0, v, k + 1, size);
        double[] w = new double[size];
        for (int i = k + 1; i < size; i++) {
            w[i] = factors[k] * product[i] - half * v[i];
        }
        return w;
    }

    /** Updates the rows from {@code first} on, and returns their products with {@code next}. */
    private double[] updateAndMultiply(int first, double[] v, double[] w, double[] next) {
        double[] product = new double[size];
        int count = size - first;
        int parts = count < SMALL ? 1 : workers.count() * PARTS_A_THREAD;
        workers.run(parts, part -> {
            for (int i = first + count * part / parts; i < first + count * (part + 1) / parts; i++) {
                update(i, first, v, w);
                product[i] = dot(a, i * size, next, first, size);
            }
        });
        return product;
    }

    private void update(int row, int from, double[] v, double[] w) {
        int at = row * size;
        double vRow = v[row];
        double wRow = w[row];
        for (int j = from; j < size; j++) {
            a[at + j] -= vRow * w[j] + wRow * v[j];
        }
    }

    /** The sum over {@code from <= j < to} of x[offset + j] y[j], in four parts. */
    private static double dot(double[] x, int offset, double[] y, int from, int to) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int j = from;
        for (; j + 4 <= to; j += 4) {
            sum0 = Math.fma(x[offset + j], y[j], sum0);
            sum1 = Math.fma(x[offset + j + 1], y[j + 1], sum1);
            sum2 = Math.fma(x[offset + j + 2], y[j + 2], sum2);
            sum3 = Math.fma(x[offset + j + 3], y[j + 3], sum3);
        }
        for (; j < to; j++) {
            sum0 = Math.fma(x[offset + j], y[j], sum0);
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Chases what is beside the diagonal to zero, one eigenvalue after the other. */
    private void diagonalize() {
        negligible = EPSILON * largestRowSum();
        for (int first = 0; first < size; first++) {
            int steps = 0;
            for (int last = blockEnd(first); last > first; last = blockEnd(first)) {
                if (steps++ == MAX_STEPS) {
                    throw new ArithmeticException("eigenvalue " + first + " of a matrix of " + size
                            + " did not settle in " + MAX_STEPS + " steps");
                }
                step(first, last);
            }
        }
        applyRotations();
    }

    /** The last row that is connected with the first. */
    private int blockEnd(int first) {
        int last = first;
        while (last < size - 1 && Math.abs(beside[last]) > negligible) {
            last++;
        }
        return last;
    }

    private double largestRowSum() {
        double largest = 0;
        for (int i = 0; i < size; i++) {
            double left = i == 0 ? 0 : Math.abs(beside[i - 1]);
            largest = Math.max(largest, left + Math.abs(diagonal[i]) + Math.abs(beside[i]));
        }
        return largest;
    }

    /** One implicit QL step on the block of these rows. */
    private void step(int first, int last) {
        double slope = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        double root = Math.copySign(Math.sqrt(slope * slope + 1), slope);
        double bulge = diagonal[last] - diagonal[first] + beside[first] / (slope + root);
        double sine = 1;
        double cosine = 1;
        double moved = 0;
        for (int i = last - 1; i >= first; i--) {
            double f = sine * beside[i];
            double b = cosine * beside[i];
            double length = Math.sqrt(f * f + bulge * bulge);
            beside[i + 1] = length;
            if (length == 0) { // the block falls apart here
                diagonal[i + 1] -= moved;
                beside[last] = 0;
                return;
            }
            sine = f / length;
            cosine = bulge / length;
            double corner = diagonal[i + 1] - moved;
            double turned = (diagonal[i] - corner) * sine + 2 * cosine * b;
            moved = sine * turned;
            diagonal[i + 1] = corner + moved;
            bulge = cosine * turned - b;
            rotate(i, cosine, sine);
        }
        diagonal[first] -= moved;
        beside[first] = bulge;
        beside[last] = 0;
    }

    private void rotate(int row, double cosine, double sine) {
        if (rotations == ROTATIONS_AT_ONCE) {
            applyRotations();
        }
        rows[rotations] = row;
        cosines[rotations] = cosine;
        sines[rotations++] = sine;
    }

    /** All rotations that wait, on a few columns of the eigenvectors at a time. */
    private void applyRotations() {
        int parts = (size + COLUMNS_AT_ONCE - 1) / COLUMNS_AT_ONCE;
        workers.run(parts, part -> {
            int from = part * COLUMNS_AT_ONCE;
            int count = Math.min(size - from, COLUMNS_AT_ONCE);
            for (int rotation = 0; rotation < rotations; rotation++) {
                int upper = rows[rotation] * size + from;
                turn(upper, upper + size, count, cosines[rotation], sines[rotation]);
            }
        });
        rotations = 0;
    }

    private void turn(int upper, int lower, int count, double cosine, double sine) {
        for (int i = 0; i < count; i++) {
            double x = vectors[upper + i];
            double y = vectors[lower + i];
            vectors[lower + i] = sine * x + cosine * y;
            vectors[upper + i] = cosine * x - sine * y;
        }
    }

    /** The eigenvectors of the tridiagonal matrix become those of the whole one. */
    private void reflectBack() {
        int parts = (size + VECTORS_AT_ONCE - 1) / VECTORS_AT_ONCE;
        workers.run(parts, part -> {
            for (int k = reflections.length - 1; k >= 0; k--) {
                double[] v = reflections[k];
                for (int vector = part * VECTORS_AT_ONCE;
                        vector < Math.min(size, (part + 1) * VECTORS_AT_ONCE);
                        vector++) {
                    double share = factors[k] * dot(vectors, vector * size, v, k + 1, size);
                    for (int j = k + 1; j < size; j++) {
                        vectors[vector * size + j] -= share * v[j];
                    }
                }
            }
        });
    }
}
