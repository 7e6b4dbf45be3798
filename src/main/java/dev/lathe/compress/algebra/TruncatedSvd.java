package dev.lathe.compress.algebra;

import dev.lathe.tensor.Workers;
import java.util.Arrays;

/**
 * The left singular vectors of a matrix and its singular values, the largest first: all, or as many as wanted.
 *
 * @param left an orthonormal vector in each column [rows x count]
 * @param squares squares of the singular values, never increasing, not negative [count]
 * @param total the sum of the squares of all singular values, which is that of all elements
 */
public record TruncatedSvd(Matrix left, double[] squares, double total) {
    private static final int OVERSAMPLING = 10;
    private static final int POWER_ITERATIONS = 2;
    /** Below this share of the largest square, a vector is rounding error. */
    private static final double NEGLIGIBLE = 1e-14;

    /**
     * All singular values, by the eigenvectors of the smaller of the products {@code m mᵀ} and {@code mᵀ m}. Values below
     * 1e-7 of the largest drown in rounding and count as zero.
     */
    public static TruncatedSvd exact(Matrix matrix, Workers workers) {
        double total = matrix.squares();
        if (matrix.rows() <= matrix.columns()) {
            SymmetricEigen eigen = SymmetricEigen.of(matrix.transpose().gram(workers), workers);
            return new TruncatedSvd(eigen.vectors(), notNegative(eigen.values()), total);
        }
        SymmetricEigen eigen = SymmetricEigen.of(matrix.gram(workers), workers);
        double[] squares = notNegative(eigen.values());
        double[] inverses = new double[squares.length];
        for (int i = 0; i < squares.length; i++) {
            inverses[i] = squares[i] > NEGLIGIBLE * squares[0] ? 1 / Math.sqrt(squares[i]) : 0;
        }
        return new TruncatedSvd(matrix.times(eigen.vectors(), workers).scaleColumns(inverses), squares, total);
    }

    /**
     * About the largest singular values, at a price that grows with their number instead of the matrix's smaller side: the
     * range of the matrix is sampled with random vectors, sharpened by two power iterations, and decomposed exactly.
     *
     * <p>Halko, Martinsson and Tropp, "Finding structure with randomness: Probabilistic algorithms for constructing
     * approximate matrix decompositions", SIAM Review 53(2), 2011, arXiv 0909.4061, algorithms 4.4 and 5.1.
     *
     * @param count how many
     * @param seed of the random vectors; the same seed gives the same bits
     */
    public static TruncatedSvd randomized(Matrix matrix, int count, long seed, Workers workers) {
        int sampled = Math.min(count + OVERSAMPLING, Math.min(matrix.rows(), matrix.columns()));
        Matrix transposed = matrix.transpose();
        Matrix range =
                Orthonormal.columns(matrix.times(Orthonormal.gaussian(matrix.columns(), sampled, seed), workers));
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            Matrix corange = Orthonormal.columns(transposed.times(range, workers));
            range = Orthonormal.columns(matrix.times(corange, workers));
        }
        TruncatedSvd small = exact(range.transposeTimes(matrix, workers), workers); // [sampled x columns]
        return new TruncatedSvd(
                range.times(small.left.firstColumns(count), workers),
                Arrays.copyOf(small.squares, count),
                matrix.squares());
    }

    private static double[] notNegative(double[] values) {
        return Arrays.stream(values).map(value -> Math.max(0, value)).toArray();
    }

    /** The squared error of the best approximation of a rank: the sum of the squares that are left out. */
    public double error(int rank) {
        double kept = 0;
        for (int i = 0; i < Math.min(rank, squares.length); i++) {
            kept += squares[i];
        }
        return Math.max(0, total - kept);
    }
}
