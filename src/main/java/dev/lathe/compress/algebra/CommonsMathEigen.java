package dev.lathe.compress.algebra;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/** The only class that knows Apache Commons Math, so that nothing else is missing where the library is. */
final class CommonsMathEigen {
    private CommonsMathEigen() {}

    /** Decomposes a symmetric matrix: an eigenvector in each row, in the library's order. */
    static SymmetricEigen of(Matrix symmetric) {
        int size = symmetric.rows();
        Array2DRowRealMatrix copy = new Array2DRowRealMatrix(size, size);
        for (int row = 0; row < size; row++) {
            copy.setRow(row, Arrays.copyOfRange(symmetric.data(), row * size, (row + 1) * size));
        }
        EigenDecomposition decomposition = new EigenDecomposition(copy);
        Matrix rows = Matrix.zeros(size, size);
        for (int row = 0; row < size; row++) {
            System.arraycopy(decomposition.getEigenvector(row).toArray(), 0, rows.data(), row * size, size);
        }
        return new SymmetricEigen(decomposition.getRealEigenvalues(), rows);
    }
}
