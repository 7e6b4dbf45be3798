package dev.lathe.compress.algebra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Apache Commons Math is the judge. */
class ParallelEigenTest {
    private static final Workers ONE = Workers.single();

    @Property(tries = 60)
    void randomMatricesOfAnyRank(
            @ForAll @IntRange(min = 1, max = 70) int size, @ForAll @IntRange(max = 70) int rank, @ForAll long seed) {
        assertDecomposes(Orthonormal.gaussian(rank, size, seed).gram(ONE));
    }

    @Property(tries = 20)
    void indefiniteMatrices(@ForAll @IntRange(min = 1, max = 70) int size, @ForAll long seed) {
        Matrix gaussian = Orthonormal.gaussian(size, size, seed);
        Matrix transposed = gaussian.transpose();
        Matrix sum = Matrix.zeros(size, size);
        Arrays.setAll(sum.data(), i -> gaussian.data()[i] + transposed.data()[i]);
        assertDecomposes(sum);
    }

    /** Columns of very different lengths, as channels of models have. */
    @Property(tries = 40)
    void gradedMatrices(@ForAll @IntRange(min = 2, max = 70) int size, @ForAll boolean sorted, @ForAll long seed) {
        assertDecomposes(graded(size, sorted, seed));
    }

    /** Rounding of the large rows is more than the small ones hold: a test against neighbours alone never ends here. */
    @Example
    void matricesThatGrowDownwards() {
        for (int seed : new int[] {1, 18, 88, 178, 233, 270}) {
            assertDecomposes(graded(70, true, seed));
        }
    }

    static Matrix graded(int size, boolean sorted, long seed) {
        DoubleStream exponents = new Random(seed).doubles(size, -6, 6);
        double[] scales = (sorted ? exponents.sorted() : exponents)
                .map(x -> StrictMath.pow(10, x))
                .toArray();
        return Orthonormal.gaussian(2 * size, size, seed).scaleColumns(scales).gram(ONE);
    }

    @Example
    void matricesThatNeedNothing() {
        for (int size : new int[] {1, 2, 3, 65, 130}) {
            assertDecomposes(Matrix.identity(size));
            assertDecomposes(Matrix.zeros(size, size));
            Matrix ones = Matrix.zeros(size, size);
            Arrays.fill(ones.data(), 1);
            assertDecomposes(ones);
            Matrix blocks = Matrix.identity(size);
            for (int i = 0; i + 1 < size; i += 2) {
                blocks.data()[i * size + i + 1] = blocks.data()[(i + 1) * size + i] = 0.5;
            }
            assertDecomposes(blocks);
        }
    }

    /** More rotations than are applied at once, more rows than one thread takes. */
    @Example
    void aLargerMatrixHasTheSameBitsOnAnyNumberOfThreads() {
        Matrix gram = Orthonormal.gaussian(400, 300, 7).gram(ONE);
        SymmetricEigen one = SymmetricEigen.of(gram, ONE);
        for (int threads : new int[] {2, 3}) {
            try (Workers workers = Workers.of(threads)) {
                SymmetricEigen more = SymmetricEigen.of(gram, workers);
                assertArrayEquals(one.values(), more.values());
                assertArrayEquals(one.vectors().data(), more.vectors().data());
            }
        }
        assertDecomposes(gram);
    }

    private static void assertDecomposes(Matrix symmetric) {
        int size = symmetric.rows();
        SymmetricEigen eigen = ParallelEigen.of(symmetric, ONE);
        double norm = Math.sqrt(symmetric.squares()) + Double.MIN_NORMAL;
        double[] values = eigen.values().clone();
        int[] order = SymmetricEigen.largestFirst(i -> Math.abs(symmetric.get(i, i)), size);
        double[] expected =
                SymmetricEigen.small(SymmetricEigen.permuted(symmetric, order)).values();
        Arrays.sort(values);
        Arrays.sort(expected);
        assertArrayEquals(expected, values, 1e-13 * size * norm);
        Matrix rows = eigen.vectors();
        Matrix products = rows.times(rows.transpose(), ONE);
        Matrix rebuilt = rows.transpose().scaleColumns(eigen.values()).times(rows, ONE);
        for (int i = 0; i < size * size; i++) {
            assertEquals(i % (size + 1) == 0 ? 1 : 0, products.data()[i], 1e-14 * (size + 10));
            assertEquals(symmetric.data()[i], rebuilt.data()[i], 1e-14 * (size + 10) * norm);
        }
    }
}
