package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class GramMatrixTest {
    @Property(tries = 60)
    void isTheSumOfOuterProductsOnAnyNumberOfThreads(
            @ForAll @IntRange(min = 1, max = 40) int size, @ForAll @IntRange(max = 21) int rows, @ForAll long seed) {
        FloatMatrix matrix = FloatMatrix.zeros(rows, size);
        Random random = new Random(seed);
        for (int i = 0; i < rows * size; i++) {
            matrix.data()[i] = (float) random.nextGaussian();
        }
        GramMatrix gram = new GramMatrix(size);
        gram.add(matrix, Workers.single());
        double[] actual = gram.toArray();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double expected = 0;
                for (int row = 0; row < rows; row++) {
                    expected += (double) matrix.get(row, i) * matrix.get(row, j);
                }
                assertEquals(expected, actual[i * size + j], 1e-12 * (1 + rows));
            }
            assertEquals(actual[i * size + i], gram.diagonal()[i]);
        }
        assertEquals(rows, gram.rows());
        GramMatrix shared = new GramMatrix(size);
        try (Workers workers = Workers.of(2)) {
            shared.add(matrix, workers);
        }
        assertArrayEquals(actual, shared.toArray());
    }
}
