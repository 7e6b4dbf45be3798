package dev.lathe.compress.algebra;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, the largest first. Householder's tridiagonal form and implicit QL, by
 * Apache Commons Math.
 *
 * @param values eigenvalues, never increasing
 * @param vectors an orthonormal eigenvector in each column [size x size]
 */
public record SymmetricEigen(double[] values, Matrix vectors) {
    /**
     * Decomposes a matrix.
     *
     * @param symmetric [size x size]; not changed
     * @throws ArithmeticException if it has elements that are not finite
     */
    public static SymmetricEigen of(Matrix symmetric) {
        int size = symmetric.rows();
        RealMatrix copy = new Array2DRowRealMatrix(size, size);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                double value = (symmetric.get(row, column) + symmetric.get(column, row)) / 2;
                if (Double.isNaN(value) || Double.isInfinite(value)) {
                    throw new ArithmeticException("a matrix to decompose has the element " + value + " at [" + row
                            + ", " + column + "]: the model's activations or weights are not finite");
                }
                copy.setEntry(row, column, value);
            }
        }
        EigenDecomposition decomposition = new EigenDecomposition(copy);
        double[] unsorted = decomposition.getRealEigenvalues();
        RealMatrix columns = decomposition.getV();
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -unsorted[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        Matrix vectors = Matrix.zeros(size, size);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                vectors.data()[row * size + column] = columns.getEntry(row, order[column]);
            }
        }
        return new SymmetricEigen(
                Arrays.stream(order).mapToDouble(i -> unsorted[i]).toArray(), vectors);
    }
}
