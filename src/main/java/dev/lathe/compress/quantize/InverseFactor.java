package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.Workers;

/**
 * The upper triangular U with H⁻¹ = Uᵀ U, where H is the Gram matrix of a matrix's inputs with a share of its mean diagonal
 * added to the diagonal: what a rounding error in one column does to the best values of the columns right of it. In float64;
 * each element is one sum in a fixed order, so the threads change no bit.
 */
final class InverseFactor {
    /** Share of the mean of the diagonal that is added to it, as in the method's own code. */
    private static final double DAMPING = 0.01;

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
        return new InverseFactor(size, Cholesky.upperFactorOfInverse(gram.damped(DAMPING), size, workers));
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
