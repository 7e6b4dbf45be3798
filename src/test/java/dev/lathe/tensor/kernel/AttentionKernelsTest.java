package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.machine.KernelSets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

@OnEveryKernelSet
class AttentionKernelsTest {
    private static final int TILE = AttentionKernels.TILE;
    private static final AttentionKernels SCALAR = KernelChoice.scalar().attention();

    @Property(tries = 200)
    void scoresAreDotProductsWithTheBitsOfPlainJava(
            @ForAll @IntRange(min = 1, max = 140) int size,
            @ForAll @IntRange(min = 1, max = 11) int count,
            @ForAll long seed) {
        Random random = new Random(seed);
        float[] queries = random(random, 1 + count * (size + 2));
        float[] keys = random(random, 5 + size * TILE);
        AttentionKernels kernels = KernelSets.any(seed).attention();
        float[] scalar = new float[3 + count * (TILE + 1)];
        float[] best = scalar.clone();
        SCALAR.scores(queries, 1, size + 2, count, keys, 5, size, scalar, 3, TILE + 1);
        kernels.scores(queries, 1, size + 2, count, keys, 5, size, best, 3, TILE + 1);
        assertArrayEquals(scalar, best);
        int query = random.nextInt(count);
        int position = random.nextInt(TILE);
        double exact = 0;
        double size1 = 0;
        for (int d = 0; d < size; d++) {
            double product = (double) queries[1 + query * (size + 2) + d] * keys[5 + d * TILE + position];
            exact += product;
            size1 += Math.abs(product);
        }
        assertEquals(exact, best[3 + query * (TILE + 1) + position], 1e-5 * size1);
    }

    @Property(tries = 200)
    void valuesAddUpInOrderHoweverTheWorkIsCut(
            @ForAll @IntRange(min = 1, max = 140) int size,
            @ForAll @IntRange(min = 1, max = 11) int count,
            @ForAll @IntRange(min = 0, max = 40) int positions,
            @ForAll long seed) {
        Random random = new Random(seed);
        int stride = positions + 3;
        float[] weights = random(random, 2 + count * stride);
        float[] values = random(random, 1 + positions * size);
        AttentionKernels kernels = KernelSets.any(seed).attention();
        float[] scalar = random(random, 4 + count * size);
        float[] best = scalar.clone();
        float[] cut = scalar.clone();
        SCALAR.accumulate(weights, 2, stride, count, values, 1, positions, size, scalar, 4, size);
        kernels.accumulate(weights, 2, stride, count, values, 1, positions, size, best, 4, size);
        assertArrayEquals(scalar, best);
        int middle = random.nextInt(positions + 1);
        for (int q = 0; q < count; q++) {
            int weight = 2 + q * stride;
            kernels.accumulate(weights, weight, stride, 1, values, 1, middle, size, cut, 4 + q * size, size);
            kernels.accumulate(
                    weights,
                    weight + middle,
                    stride,
                    1,
                    values,
                    1 + middle * size,
                    positions - middle,
                    size,
                    cut,
                    4 + q * size,
                    size);
        }
        assertArrayEquals(scalar, cut);
    }

    /** Keys and values in half precision where they lie give the bits of those that are widened first. */
    @Property(tries = 200)
    void halvesWhereTheyLieHaveTheBitsOfWidenedOnes(
            @ForAll @IntRange(min = 1, max = 140) int size,
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll @IntRange(min = 1, max = 3) int tiles,
            @ForAll long seed) {
        Random random = new Random(seed);
        AttentionKernels kernels = KernelSets.any(seed).attention();
        if (!kernels.readsHalves()) {
            return;
        }
        int positions = tiles * TILE;
        float[] queries = random(random, 1 + count * (size + 2));
        float[] numbers = random(random, 5 + size * positions);
        short[] halves = new short[numbers.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = Float.floatToFloat16(numbers[i]);
            numbers[i] = Float.float16ToFloat(halves[i]);
        }
        float[] scalar = new float[3 + count * (positions + 1)];
        float[] best = scalar.clone();
        for (int tile = 0; tile < tiles; tile++) {
            int from = 5 + tile * size * TILE;
            int to = 3 + tile * TILE;
            SCALAR.scores(queries, 1, size + 2, count, numbers, from, size, scalar, to, positions + 1);
        }
        kernels.scoresOfHalves(queries, 1, size + 2, count, halves, 5, size, tiles, best, 3, positions + 1, halves, 5);
        assertArrayEquals(scalar, best);
        float[] sums = random(random, 4 + count * size);
        float[] bestSums = sums.clone();
        SCALAR.accumulate(scalar, 3, positions + 1, count, numbers, 5, positions, size, sums, 4, size);
        kernels.accumulateHalves(
                scalar, 3, positions + 1, count, halves, 5, positions, size, bestSums, 4, size, halves, 5);
        assertArrayEquals(sums, bestSums);
    }

    private static float[] random(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
