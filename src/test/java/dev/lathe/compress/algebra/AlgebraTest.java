package dev.lathe.compress.algebra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.tensor.Workers;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AlgebraTest {
    private static final Workers ONE = Workers.single();

    @Property(tries = 60)
    void productsAreSumsOfProductsOnAnyNumberOfThreads(
            @ForAll @IntRange(min = 1, max = 23) int rows,
            @ForAll @IntRange(min = 1, max = 23) int inner,
            @ForAll @IntRange(min = 1, max = 23) int columns,
            @ForAll long seed) {
        Matrix left = Orthonormal.gaussian(rows, inner, seed);
        Matrix right = Orthonormal.gaussian(inner, columns, seed + 1);
        Matrix product = left.times(right, ONE);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += left.get(row, k) * right.get(k, column);
                }
                assertEquals(sum, product.get(row, column), 1e-12);
            }
        }
        try (Workers two = Workers.of(2)) {
            assertArrayEquals(product.data(), left.times(right, two).data());
        }
        assertThrows(IllegalArgumentException.class, () -> left.times(Matrix.zeros(inner + 1, 2), ONE));
    }

    @Property(tries = 60)
    void eigenvectorsAreOrthonormalAndRebuildTheMatrix(
            @ForAll @IntRange(min = 1, max = 30) int size,
            @ForAll @IntRange(min = 1, max = 40) int rows,
            @ForAll long seed) {
        Matrix gram = Orthonormal.gaussian(rows, size, seed).gram(ONE);
        SymmetricEigen eigen = SymmetricEigen.of(gram, ONE);
        assertOrthonormal(eigen.vectors());
        Matrix rebuilt = eigen.vectors()
                .scaleColumns(eigen.values())
                .times(eigen.vectors().transpose(), ONE);
        assertClose(gram, rebuilt, 1e-10 * (1 + rows));
        double trace = 0;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            trace += gram.get(i, i);
            sum += eigen.values()[i];
            assertTrue(i == 0 || eigen.values()[i] <= eigen.values()[i - 1]);
        }
        assertEquals(trace, sum, 1e-9 * trace);
    }

    /** Channels of very different sizes in any order, on both sides of the size from which our own decomposition is used. */
    @Property(tries = 40)
    @Slow
    void matricesOfAnyGradingAreDecomposed(
            @ForAll @IntRange(min = 2, max = 120) int size,
            @ForAll boolean large,
            @ForAll boolean sorted,
            @ForAll long seed) {
        Matrix graded = ParallelEigenTest.graded(large ? 256 : size, sorted, seed);
        SymmetricEigen eigen = SymmetricEigen.of(graded, ONE);
        assertOrthonormal(eigen.vectors());
        Matrix rebuilt = eigen.vectors()
                .scaleColumns(eigen.values())
                .times(eigen.vectors().transpose(), ONE);
        assertClose(graded, rebuilt, 1e-12 * Math.sqrt(graded.squares()));
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() {
        Matrix broken = Matrix.identity(3);
        broken.data()[4] = Double.NaN;
        assertThrows(ArithmeticException.class, () -> SymmetricEigen.of(broken, ONE));
        assertThrows(ArithmeticException.class, () -> Cholesky.damped(broken));
    }

    @Property(tries = 60)
    void theCholeskyFactorIsARootEvenOfSingularMatrices(
            @ForAll @IntRange(min = 1, max = 20) int size, @ForAll @IntRange(max = 30) int rows, @ForAll long seed) {
        Matrix gram = Orthonormal.gaussian(rows, size, seed).gram(ONE);
        Matrix root = Cholesky.damped(gram);
        Matrix square = root.times(root.transpose(), ONE);
        double mean = Math.max(1, gram.squares());
        assertClose(gram, square, rows == 0 ? 1 : 1e-6 * mean);
        for (int row = 0; row < size; row++) {
            assertTrue(root.get(row, row) > 0);
            for (int column = row + 1; column < size; column++) {
                assertEquals(0, root.get(row, column));
            }
        }
    }

    @Property(tries = 60)
    void singularVectorsLeaveTheSquaresTheyPredict(
            @ForAll @IntRange(min = 1, max = 25) int rows,
            @ForAll @IntRange(min = 1, max = 25) int columns,
            @ForAll long seed) {
        Matrix matrix = Orthonormal.gaussian(rows, columns, seed);
        TruncatedSvd svd = TruncatedSvd.exact(matrix, ONE);
        for (int rank = 1; rank <= Math.min(rows, columns); rank++) {
            Matrix left = svd.left().firstColumns(rank);
            Matrix kept = left.times(left.transposeTimes(matrix, ONE), ONE);
            assertEquals(difference(matrix, kept), svd.error(rank), 1e-9 * svd.total());
            assertTrue(svd.error(rank) <= svd.error(rank - 1));
        }
        assertEquals(0, svd.error(Math.min(rows, columns)), 1e-9 * svd.total());
    }

    @Property(tries = 30)
    void aSampledDecompositionIsNearlyTheExactOne(@ForAll long seed) {
        int rank = 8;
        double[] decay = new double[60];
        for (int i = 0; i < decay.length; i++) {
            decay[i] = StrictMath.pow(0.8, i);
        }
        Matrix matrix =
                Orthonormal.gaussian(80, 60, seed).scaleColumns(decay).times(Orthonormal.random(60, seed + 1), ONE);
        TruncatedSvd exact = TruncatedSvd.exact(matrix, ONE);
        TruncatedSvd sampled = TruncatedSvd.randomized(matrix, rank, seed, ONE);
        assertOrthonormal(sampled.left());
        assertEquals(rank, sampled.squares().length);
        Matrix kept = sampled.left().times(sampled.left().transposeTimes(matrix, ONE), ONE);
        double error = difference(matrix, kept);
        assertTrue(error >= exact.error(rank) * (1 - 1e-9), "no rank is better than the exact one");
        assertTrue(error <= exact.error(rank) * 1.02, error + " against " + exact.error(rank));
        for (int i = 0; i < rank; i++) {
            assertTrue(sampled.squares()[i] <= exact.squares()[i] * (1 + 1e-9));
        }
        assertArrayEquals(
                sampled.left().data(),
                TruncatedSvd.randomized(matrix, rank, seed, ONE).left().data());
        assertEquals(0, TruncatedSvd.randomized(matrix, 60, seed, ONE).error(60), 1e-9 * exact.total());
    }

    @Property(tries = 30)
    void columnsInTheSpanOfOthersBecomeZero(@ForAll @IntRange(min = 2, max = 20) int size, @ForAll long seed) {
        Matrix basis = Orthonormal.gaussian(size, size, seed);
        for (int row = 0; row < size; row++) {
            basis.data()[row * size + 1] = 3 * basis.get(row, 0);
        }
        Matrix columns = Orthonormal.columns(basis);
        for (int row = 0; row < size; row++) {
            assertEquals(0, columns.get(row, 1), 0.0);
        }
    }

    private static void assertOrthonormal(Matrix matrix) {
        assertClose(Matrix.identity(matrix.columns()), matrix.gram(ONE), 1e-10);
    }

    private static void assertClose(Matrix expected, Matrix actual, double tolerance) {
        assertArrayEquals(expected.data(), actual.data(), tolerance);
    }

    private static double difference(Matrix left, Matrix right) {
        double sum = 0;
        for (int i = 0; i < left.data().length; i++) {
            double difference = left.data()[i] - right.data()[i];
            sum += difference * difference;
        }
        return sum;
    }
}
