package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ColumnEliminationTest {
    @Property(tries = 60)
    void whatIsLeftIsNeverWorseThanWithoutCompensation(
            @ForAll @IntRange(min = 1, max = 12) int groups,
            @ForAll @IntRange(min = 1, max = 5) int size,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = groups * size;
        FloatMatrix weights = RandomMatrices.gaussian(6, columns, random);
        FloatMatrix inputs = RandomMatrices.inputs(1 + random.nextInt(60), columns, random);
        ColumnElimination elimination = elimination(inputs, weights, groups, size, Workers.single());
        double cost = 0;
        for (int removed = random.nextInt(groups); removed > 0; removed--) {
            cost += elimination.removeCheapest();
        }
        int[] kept = elimination.keptColumns();
        FloatMatrix plain = RandomMatrices.spread(Weights.columns(weights, kept), kept, columns);
        FloatMatrix fitted = RandomMatrices.spread(elimination.kept(), kept, columns);
        double without = RandomMatrices.outputError(inputs, weights, plain);
        double with = RandomMatrices.outputError(inputs, weights, fitted);
        assertTrue(with <= without * (1 + 1e-5) + 1e-5, () -> with + " > " + without);
        assertTrue(with <= cost * (1 + 1e-5) + 1e-5, "the cost bounds the error");
    }

    /** The formula of groups removed one by one gives the least-squares fit that a direct solution gives. */
    @Property(tries = 30)
    void isTheDirectSolution(@ForAll @IntRange(min = 2, max = 20) int columns, @ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix weights = RandomMatrices.gaussian(3, columns, random);
        FloatMatrix inputs = RandomMatrices.inputs(80, columns, random);
        ColumnElimination elimination = elimination(inputs, weights, columns, 1, Workers.single());
        for (int removed = random.nextInt(columns); removed > 0; removed--) {
            elimination.removeCheapest();
        }
        int[] kept = elimination.keptColumns();
        double[] h = RandomMatrices.gram(inputs).damped(Damping.FITTING);
        double[] left = new double[kept.length * kept.length];
        double[] target = new double[3 * kept.length]; // W H restricted to the kept columns
        for (int i = 0; i < kept.length; i++) {
            for (int j = 0; j < kept.length; j++) {
                left[i * kept.length + j] = h[kept[i] * columns + kept[j]];
            }
            for (int row = 0; row < 3; row++) {
                for (int j = 0; j < columns; j++) {
                    target[row * kept.length + i] += weights.get(row, j) * h[j * columns + kept[i]];
                }
            }
        }
        Cholesky.of(left, kept.length, Workers.single()).solveRows(target, 3);
        for (int i = 0; i < target.length; i++) {
            assertEquals(target[i], elimination.kept().data()[i], 1e-4 * (1 + Math.abs(target[i])));
        }
    }

    @Example
    void columnsThatOthersSpanCostNothing() {
        Random random = new Random(4);
        FloatMatrix weights = RandomMatrices.gaussian(4, 8, random);
        FloatMatrix inputs = RandomMatrices.gaussian(100, 8, random);
        for (int row = 0; row < 100; row++) { // column 5 repeats column 2, column 6 is silent
            inputs.data()[row * 8 + 5] = 2 * inputs.data()[row * 8 + 2];
            inputs.data()[row * 8 + 6] = 0;
        }
        ColumnElimination elimination = elimination(inputs, weights, 8, 1, Workers.single());
        elimination.removeCheapest();
        elimination.removeCheapest();
        int[] kept = elimination.keptColumns();
        assertTrue(IntStream.of(kept).noneMatch(column -> column == 6));
        assertEquals(
                1,
                IntStream.of(kept).filter(column -> column == 5 || column == 2).count());
        FloatMatrix fitted = RandomMatrices.spread(elimination.kept(), kept, 8);
        double all = RandomMatrices.outputError(inputs, weights, FloatMatrix.zeros(4, 8));
        assertTrue(RandomMatrices.outputError(inputs, weights, fitted) < 1e-3 * all);
    }

    @Example
    void threadsChangeNoBit() {
        Random random = new Random(5);
        FloatMatrix weights = RandomMatrices.gaussian(40, 96, random);
        FloatMatrix inputs = RandomMatrices.inputs(200, 96, random);
        ColumnElimination alone = elimination(inputs, weights, 12, 8, Workers.single());
        try (Workers workers = Workers.of(3)) {
            ColumnElimination shared = elimination(inputs, weights, 12, 8, workers);
            for (int i = 0; i < 5; i++) {
                assertEquals(alone.removeCheapest(), shared.removeCheapest());
            }
            assertArrayEquals(alone.kept().data(), shared.kept().data());
        }
    }

    private static ColumnElimination elimination(
            FloatMatrix inputs, FloatMatrix weights, int groups, int size, Workers workers) {
        int[][] sets = IntStream.range(0, groups)
                .mapToObj(group ->
                        IntStream.range(group * size, (group + 1) * size).toArray())
                .toArray(int[][]::new);
        return new ColumnElimination(RandomMatrices.gram(inputs), weights, sets, workers);
    }
}
