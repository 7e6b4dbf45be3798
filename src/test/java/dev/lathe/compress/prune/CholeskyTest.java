package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.Workers;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CholeskyTest {
    @Property(tries = 40)
    void solvesAndInverts(@ForAll @IntRange(min = 1, max = 90) int size, @ForAll long seed) {
        Random random = new Random(seed);
        double[] a = positiveDefinite(size, random);
        Cholesky factor = Cholesky.of(a.clone(), size, Workers.single());
        double[] inverse = factor.inverse();
        double[] inverseFactor = factor.inverseFactor();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double product = 0;
                double ofFactors = 0; // A⁻¹ = L⁻ᵀ L⁻¹
                for (int k = 0; k < size; k++) {
                    product += inverse[i * size + k] * a[k * size + j];
                    ofFactors += inverseFactor[k * size + i] * inverseFactor[k * size + j];
                }
                assertEquals(i == j ? 1 : 0, product, 1e-9);
                assertEquals(inverse[i * size + j], ofFactors, 1e-9);
            }
        }
        try (Workers workers = Workers.of(2)) {
            Cholesky shared = Cholesky.of(a.clone(), size, workers);
            assertArrayEquals(inverse, shared.inverse());
            assertArrayEquals(inverseFactor, shared.inverseFactor());
        }
    }

    @Example
    void refusesWhatIsNotPositiveDefinite() {
        double[] singular = {1, 1, 1, 1};
        assertThrows(ArithmeticException.class, () -> Cholesky.of(singular, 2, Workers.single()));
    }

    private static double[] positiveDefinite(int size, Random random) {
        double[] a =
                RandomMatrices.gram(RandomMatrices.gaussian(size, size, random)).toArray();
        for (int i = 0; i < size; i++) {
            a[i * size + i] += 0.1 * size;
        }
        return a;
    }
}
