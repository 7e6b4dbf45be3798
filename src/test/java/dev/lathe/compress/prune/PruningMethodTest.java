package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class PruningMethodTest {
    private static final List<PruningMethod> METHODS = List.of(new Magnitude(), new Wanda(), new SparseGpt());

    @Property(tries = 60)
    void removesExactlyTheShareAskedFor(
            @ForAll @IntRange(min = 1, max = 12) int rows,
            @ForAll @IntRange(min = 1, max = 150) int columns,
            @ForAll @DoubleRange(max = 1) double fraction,
            @ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix weights = RandomMatrices.gaussian(rows, columns, random);
        LinearInput input = RandomMatrices.input(RandomMatrices.inputs(20, columns, random));
        Sparsity sparsity = Sparsity.of(fraction);
        for (PruningMethod method : METHODS) {
            FloatMatrix pruned = method.prune(weights, input, sparsity, Workers.single());
            int expected =
                    method instanceof Wanda ? rows * (int) (fraction * columns) : (int) (fraction * (rows * columns));
            assertEquals(expected, zeros(pruned, 0, rows * columns), method.methodName());
            if (!(method instanceof SparseGpt)) {
                for (int i = 0; i < rows * columns; i++) {
                    assertTrue(pruned.data()[i] == 0 || pruned.data()[i] == weights.data()[i]);
                }
            }
        }
    }

    @Property(tries = 60)
    void removesExactlyNOfEveryM(
            @ForAll @IntRange(min = 1, max = 6) int rows,
            @ForAll @IntRange(min = 1, max = 40) int groups,
            @ForAll @IntRange(min = 1, max = 9) int group,
            @ForAll long seed) {
        Random random = new Random(seed);
        int removed = random.nextInt(group + 1);
        int columns = groups * group;
        FloatMatrix weights = RandomMatrices.gaussian(rows, columns, random);
        LinearInput input = RandomMatrices.input(RandomMatrices.inputs(20, columns, random));
        for (PruningMethod method : METHODS) {
            FloatMatrix pruned = method.prune(weights, input, Sparsity.of(removed, group), Workers.single());
            for (int at = 0; at < rows * columns; at += group) {
                assertEquals(removed, zeros(pruned, at, at + group), method.methodName());
            }
        }
    }

    @Example
    void groupsMustBeWhole() {
        FloatMatrix weights = RandomMatrices.gaussian(3, 10, new Random(0));
        LinearInput input = RandomMatrices.input(RandomMatrices.inputs(20, 10, new Random(1)));
        for (PruningMethod method : METHODS) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> method.prune(weights, input, Sparsity.of(2, 4), Workers.single()),
                    method.methodName());
        }
    }

    @Property(tries = 20)
    void nothingRemovedIsNothingChanged(@ForAll @IntRange(min = 1, max = 140) int columns, @ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix weights = RandomMatrices.gaussian(5, columns, random);
        LinearInput input = RandomMatrices.input(RandomMatrices.inputs(10, columns, random));
        for (PruningMethod method : METHODS) {
            FloatMatrix pruned = method.prune(weights, input, Sparsity.of(0.0), Workers.single());
            assertArrayEquals(weights.data(), pruned.data(), method.methodName());
        }
    }

    @Example
    void equalWeightsGoInTheOrderOfTheirIndex() {
        FloatMatrix weights = FloatMatrix.zeros(2, 4);
        java.util.Arrays.fill(weights.data(), 3f);
        FloatMatrix pruned = new Magnitude().prune(weights, null, Sparsity.of(0.375), Workers.single());
        assertArrayEquals(new float[] {0, 0, 0, 3, 3, 3, 3, 3}, pruned.data());
    }

    @Property(tries = 20)
    void wandaOnEqualInputsIsMagnitudeByRow(@ForAll @IntRange(min = 2, max = 40) int columns, @ForAll long seed) {
        FloatMatrix weights = RandomMatrices.gaussian(1, columns, new Random(seed));
        double[] squares = new double[columns];
        java.util.Arrays.fill(squares, 2.5);
        assertArrayEquals(
                new Magnitude()
                        .prune(weights, null, Sparsity.of(0.5), Workers.single())
                        .data(),
                new Wanda()
                        .prune(weights, new LinearInput(squares, null), Sparsity.of(0.5), Workers.single())
                        .data());
    }

    /** With inputs that have nothing in common there is nothing to make up: one block of columns is pruned by magnitude. */
    @Property(tries = 20)
    void sparseGptOnUnrelatedInputsIsMagnitude(@ForAll @IntRange(min = 2, max = 100) int columns, @ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix weights = RandomMatrices.gaussian(4, columns, random);
        FloatMatrix unit = FloatMatrix.zeros(columns, columns);
        for (int i = 0; i < columns; i++) {
            unit.data()[unit.offset(i) + i] = 2;
        }
        Sparsity half = Sparsity.of(0.5);
        FloatMatrix expected = new Magnitude().prune(weights, null, half, Workers.single());
        FloatMatrix actual = new SparseGpt().prune(weights, RandomMatrices.input(unit), half, Workers.single());
        assertArrayEquals(expected.data(), actual.data(), 1e-6f);
    }

    @Example
    void sparseGptIsNearerToTheOutputsThanWandaAndWandaThanMagnitude() {
        double[] errors = new double[3];
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            FloatMatrix weights = RandomMatrices.gaussian(16, 160, random);
            FloatMatrix inputs = RandomMatrices.inputs(300, 160, random);
            for (int i = 0; i < 3; i++) {
                FloatMatrix pruned =
                        METHODS.get(i).prune(weights, RandomMatrices.input(inputs), Sparsity.of(0.5), Workers.single());
                errors[i] += RandomMatrices.outputError(inputs, weights, pruned);
            }
        }
        assertTrue(errors[2] < 0.5 * errors[1], () -> java.util.Arrays.toString(errors));
        assertTrue(errors[1] < errors[0], () -> java.util.Arrays.toString(errors));
    }

    @Example
    void threadsChangeNoBit() {
        Random random = new Random(1);
        FloatMatrix weights = RandomMatrices.gaussian(50, 200, random);
        LinearInput input = RandomMatrices.input(RandomMatrices.inputs(100, 200, random));
        FloatMatrix alone = new SparseGpt().prune(weights, input, Sparsity.of(2, 4), Workers.single());
        try (Workers workers = Workers.of(3)) {
            FloatMatrix shared = new SparseGpt().prune(weights, input, Sparsity.of(2, 4), workers);
            assertArrayEquals(alone.data(), shared.data());
        }
    }

    private static int zeros(FloatMatrix matrix, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += matrix.data()[i] == 0 ? 1 : 0;
        }
        return count;
    }
}
