package dev.lathe.compress.algebra;

import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, the largest first. Small ones by Apache Commons Math; from
 * {@value #LARGE} on, where that takes many times as long, by {@link ParallelEigen}: docs/transforms.md has the times.
 * Rows and columns are first put in the order of the diagonal, the largest first: on matrices whose rows grow downwards
 * Commons Math does not converge.
 *
 * @param values eigenvalues, never increasing
 * @param vectors an orthonormal eigenvector in each column [size x size]
 */
public record SymmetricEigen(double[] values, Matrix vectors) {
    private static final int LARGE = 256;

    /**
     * Decomposes a matrix.
     *
     * @param symmetric [size x size]; not changed
     * @throws ArithmeticException if it has elements that are not finite
     */
    public static SymmetricEigen of(Matrix symmetric, Workers workers) {
        int[] order = largestFirst(i -> Math.abs(symmetric.get(i, i)), symmetric.rows());
        Matrix exact = permuted(exactlySymmetric(symmetric), order);
        return sorted(symmetric.rows() < LARGE ? small(exact) : ParallelEigen.of(exact, workers), order);
    }

    /** Row and column {@code i} of the result are the given ones' {@code order[i]}. */
    static Matrix permuted(Matrix symmetric, int[] order) {
        int size = symmetric.rows();
        Matrix permuted = Matrix.zeros(size, size);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                permuted.data()[row * size + column] = symmetric.get(order[row], order[column]);
            }
        }
        return permuted;
    }

    static int[] largestFirst(IntToDoubleFunction value, int count) {
        return IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -value.applyAsDouble(i)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static Matrix exactlySymmetric(Matrix matrix) {
        int size = matrix.rows();
        Matrix exact = Matrix.zeros(size, size);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                double value = (matrix.get(row, column) + matrix.get(column, row)) / 2;
                if (Double.isNaN(value) || Double.isInfinite(value)) {
                    throw new ArithmeticException("a matrix to decompose has the element " + value + " at [" + row
                            + ", " + column + "]: the model's activations or weights are not finite");
                }
                exact.data()[row * size + column] = value;
            }
        }
        return exact;
    }

    /** By Commons Math: an eigenvector in each row, in its order. */
    static SymmetricEigen small(Matrix symmetric) {
        try {
            return CommonsMathEigen.of(symmetric);
        } catch (NoClassDefFoundError absent) {
            throw new IllegalStateException(
                    "this transform needs Apache Commons Math, which is not there: put commons-math3 on the class path,"
                            + " or on the module path with --add-modules commons.math3",
                    absent);
        }
    }

    /** The largest first, an eigenvector in each column, of the matrix before it was permuted. */
    private static SymmetricEigen sorted(SymmetricEigen rows, int[] permutation) {
        int size = rows.values.length;
        int[] order = largestFirst(i -> rows.values[i], size);
        Matrix vectors = Matrix.zeros(size, size);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                vectors.data()[permutation[row] * size + column] = rows.vectors.get(order[column], row);
            }
        }
        double[] values = Arrays.stream(order).mapToDouble(i -> rows.values[i]).toArray();
        return new SymmetricEigen(values, vectors);
    }
}
